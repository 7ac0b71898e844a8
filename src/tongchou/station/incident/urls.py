"""Addresses of the app `incident`."""

from django.urls import URLPattern, URLResolver

app_name = "incident"
urlpatterns: list[URLPattern | URLResolver] = []
