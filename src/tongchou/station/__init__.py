"""The station: where a clinic, a county centre, a grid worker and a duty officer work the same day.

A Django project, one app for each capability. Its rooms, the upper ones import the lower::

    operations             serve, doctor, backup, restore, upgrade: the engine room
    incident | cases       capabilities G1 and G3 of the register
    exchange | api | desk  tables, FHIR and packs in and out; REST; inbox, lists, search
    access | audit         may this actor do this; what was done and read
    accounts               users, their posts, how they sign in
    places                 places down to the grid, and units: hospitals, laboratories, depots, firms
"""
