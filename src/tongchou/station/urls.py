"""Addresses of the station: one prefix for each app."""

from django.urls import include, path

urlpatterns = [
    path("", include("tongchou.station.desk.urls")),
    path("accounts/", include("tongchou.station.accounts.urls")),
    path("administration/", include("tongchou.station.administration.urls")),
    path("places/", include("tongchou.station.places.urls")),
    path("cases/", include("tongchou.station.cases.urls")),
    path("incident/", include("tongchou.station.incident.urls")),
    path("exchange/", include("tongchou.station.exchange.urls")),
    path("api/", include("tongchou.station.api.urls")),
]
