"""Addresses of signing in and of one's own account; those of signing up lead nowhere."""

from django.urls import URLPattern, URLResolver, include, path

from tongchou.station.accounts import views

_own: list[URLPattern | URLResolver] = [path("", views.home, name="home")]

_closed = {
    "signup/": "account_signup",
    "email/": "account_email",
    "password/set/": "account_set_password",
    "password/reset/": "account_reset_password",
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((_own, "accounts"))),
    path("login/", views.SignIn.as_view(), name="account_login"),
    *[path(where, views.closed, name=name) for where, name in _closed.items()],
    path("", include("allauth.account.urls")),
    path("factor/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
    path("provider/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("provider/", include("allauth.socialaccount.urls")),
]
