"""Addresses of the station: one prefix for each app."""

from django.urls import include, path

urlpatterns = [
    path("", include("tongchou.station.desk.urls")),
    path("accounts/", include("tongchou.station.accounts.urls")),
    path("administration/", include("tongchou.station.administration.urls")),
    path("places/", include("tongchou.station.desk.gazetteer.urls")),
    path("cases/", include("tongchou.station.cases.urls")),
    path("incident/", include("tongchou.station.incident.urls")),
    path("public/", include("tongchou.station.incident.public_urls")),
    path("exchange/", include("tongchou.station.exchange.urls")),
    path("tokens/", include("tongchou.station.api.page_urls")),
    path("api/", include("tongchou.station.api.urls")),
]

handler400 = "tongchou.station.desk.errors.bad_request"
handler403 = "tongchou.station.desk.errors.forbidden"
handler404 = "tongchou.station.desk.errors.not_there"
handler500 = "tongchou.station.desk.errors.broken"
