"""Addresses of the app `api`: assembled when first needed, after every app is ready."""

from django.urls import URLPattern, URLResolver, path

from tongchou.station.api.ground import ground

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [path("", ground().urls)]
