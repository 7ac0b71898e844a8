"""Addresses of the administration."""

from django.urls import path

from tongchou.station.administration import views
from tongchou.station.desk.views import list_page

app_name = "administration"
urlpatterns = [
    path("posts/", list_page("posts"), name="posts"),
    path("posts/<int:pk>/end/", views.end_post, name="end_post"),
    path("users/new/", views.new_user, name="new_user"),
    path("users/<str:username>/", views.user, name="user"),
    path("users/<str:username>/password/", views.reset_password, name="reset_password"),
    path("users/<str:username>/close/", views.close_account, name="close_account"),
    path("audit/", list_page("audit"), name="audit"),
    path("audit/verify/", views.verify_trail, name="verify"),
    path("audit/<int:seq>/", views.entry, name="entry"),
]
