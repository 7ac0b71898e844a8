"""Addresses of the app `exchange`."""

from django.urls import URLPattern, URLResolver, include, path

from tongchou.station.desk.views import list_page
from tongchou.station.exchange import export_views, import_views, review_views

app_name = "exchange"
urlpatterns: list[URLPattern | URLResolver] = [
    path("imports/", list_page("imports"), name="imports"),
    path("imports/new/", import_views.upload, name="import_new"),
    path("imports/empty/<slug:name>.xlsx", export_views.blank, name="blank"),
    path("imports/<int:pk>/", import_views.show, name="import"),
    path("imports/<int:pk>/columns/", import_views.columns, name="import_columns"),
    path("imports/<int:pk>/preview/", import_views.preview, name="import_preview"),
    path("imports/<int:pk>/progress/", import_views.progress, name="import_progress"),
    path("imports/<int:pk>/review/", review_views.review, name="import_review"),
    path("imports/<int:pk>/errors.<slug:form>", import_views.errors, name="import_errors"),
    path("imports/<int:pk>/corrected/", import_views.correct, name="import_correct"),
    path("imports/<int:pk>/give-up/", import_views.give_up, name="import_give_up"),
    path("imports/<int:pk>/go-on/", import_views.go_on, name="import_go_on"),
    path("packs/", include("tongchou.station.exchange.packs.urls")),
    path("tables/", export_views.tables, name="tables"),
    path("tables/<slug:name>.<slug:form>", export_views.table, name="table"),
]
