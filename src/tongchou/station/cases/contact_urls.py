"""Addresses of contacts, quarantine, venues, duplicates, and of what is held on a person."""

from django.urls import URLPattern, path

from tongchou.station.cases.views import contacts, duplicates, exposures, held, watch
from tongchou.station.desk.views import list_page

contact_urls: list[URLPattern] = [
    path("contacts/", list_page("contacts"), name="contacts"),
    path("contacts/new/", contacts.new_contact, name="new_contact"),
    path("contacts/<str:number>/", contacts.contact, name="contact"),
    path("contacts/<str:number>/trace/", contacts.trace, name="trace_contact"),
    path("contacts/<str:number>/place/", contacts.place, name="place_contact"),
    path("contacts/<str:number>/release/", contacts.release, name="release_contact"),
    path("contacts/<str:number>/hand-over/", contacts.hand_over, name="hand_over_contact"),
    path("contacts/<str:number>/symptoms/", contacts.symptoms_seen, name="symptoms_seen"),
    path("contacts/<str:number>/need/", watch.new_need, name="new_need"),
    path("contacts/<str:number>/appeal/", watch.new_appeal, name="new_appeal"),
    path("contacts/<str:number>/sheet/", watch.sheet, name="sheet"),
    path("arrivals/", list_page("arrivals"), name="arrivals"),
    path("arrivals/new/", contacts.new_arrival, name="new_arrival"),
    path("round/", watch.daily_round, name="round"),
    path("quarantines/", list_page("quarantines"), name="quarantines"),
    path("sites/", watch.sites, name="sites"),
    path("sites/<str:code>/", watch.site, name="site"),
    path("symptoms/", list_page("symptoms"), name="symptoms"),
    path("needs/", list_page("needs"), name="needs"),
    path("needs/<int:pk>/done/", watch.need_done, name="need_done"),
    path("appeals/", list_page("appeals"), name="appeals"),
    path("appeals/<int:pk>/", watch.appeal, name="appeal"),
    path("venues/", list_page("venues"), name="venues"),
    path("venues/new/", exposures.new_venue, name="new_venue"),
    path("venues/<str:number>/", exposures.venue, name="venue"),
    path("clusters/", list_page("clusters"), name="clusters"),
    path("clusters/<str:number>/", exposures.cluster, name="cluster"),
    path("chains/<str:number>/", exposures.chain, name="chain"),
    path("chains/<str:number>/exposure/", exposures.new_exposure, name="new_exposure"),
    path("duplicates/", list_page("suspicions"), name="suspicions"),
    path("duplicates/<int:pk>/", duplicates.suspicion, name="suspicion"),
    path("duplicates/<str:one>/<str:other>/", duplicates.cases_pair, name="cases_pair"),
    path("merges/", list_page("merges"), name="merges"),
    path("merges/<str:number>/", duplicates.merge, name="merge"),
    path("persons/<str:number>/held/", held.held, name="held"),
    path("persons/<str:number>/erase/", held.erase_held, name="erase_held"),
    path("deleted/", list_page("tombstones"), name="tombstones"),
]
