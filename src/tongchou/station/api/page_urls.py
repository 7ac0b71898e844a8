"""Addresses of the pages about tokens."""

from django.urls import path

from tongchou.station.api import pages

app_name = "tokens"
urlpatterns = [
    path("", pages.token_list, name="list"),
    path("new/", pages.token_new, name="new"),
    path("<int:number>/revoke/", pages.token_revoke, name="revoke"),
    path("reference/", pages.reference, name="reference"),
]
