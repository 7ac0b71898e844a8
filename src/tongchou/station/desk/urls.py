"""Addresses of the app `desk`."""

from django.urls import URLPattern, URLResolver, path

from tongchou.station.desk import home

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("search/", home.search, name="search"),
    path("places/suggestions/", home.place_suggestions, name="place_suggestions"),
    path("language/", home.set_language, name="language"),
    path("theme/", home.set_theme, name="theme"),
    path("post/", home.set_post, name="post"),
]
