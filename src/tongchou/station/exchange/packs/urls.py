"""Addresses of data packs, below ``/exchange/packs/``."""

from django.urls import path

from tongchou.station.exchange.packs import views

urlpatterns = [path("", views.packs, name="packs")]
