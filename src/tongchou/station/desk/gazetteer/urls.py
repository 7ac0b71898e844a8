"""Addresses of places and units."""

from django.urls import URLPattern, URLResolver, path

from tongchou.station.desk.gazetteer import views
from tongchou.station.desk.views import list_page

app_name = "places"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", list_page("places"), name="places"),
    path("units/", list_page("units"), name="units"),
    path("units/new/", views.new_unit, name="new_unit"),
    path("units/<slug:code>/", views.unit, name="unit"),
    path("units/<slug:code>/edit/", views.edit_unit, name="edit_unit"),
    path("<slug:code>/", views.place, name="place"),
    path("<slug:code>/grids/new/", views.new_grid, name="new_grid"),
    path("<slug:code>/edit/", views.edit_grid, name="edit_grid"),
]
