"""The station: where a clinic, a county centre, a grid worker and a duty officer work the same day.

A Django project, one app for each capability. Its rooms, the upper ones import the lower::

    operations             serve, doctor, backup, restore, upgrade: the engine room
    incident | cases       capabilities G1 and G3 of the register
    administration         users and posts of an area, the audit trail on pages
    exchange | api         tables, FHIR bundles and data packs in and out; REST
    desk                   inbox, lists, search, looks
    accounts               users, their posts, how they sign in
    audit                  what was done and read, in a chain that shows tampering
    access                 may this actor do this
    places                 places down to the grid, and units: hospitals, laboratories, depots, firms
"""
