"""How signing in differs from a public web site: nobody signs up, known colleagues come in."""

import base64

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render

from tongchou.station.accounts.models import User


class ClosedDoor(DefaultAccountAdapter):
    """Accounts are made by account administrators; there is no way to sign up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no."""
        return False


class KnownColleagues(DefaultSocialAccountAdapter):
    """Whoever the provider names comes in if an administrator has entered that username here."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Say no: a stranger stays outside."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Bind the first sign-in through the provider to the account of the same username.

        The username is the provider's ``preferred_username``; the provider is trusted with it.
        """
        if sociallogin.is_existing:
            return
        name = sociallogin.account.extra_data.get("userinfo", sociallogin.account.extra_data).get(
            "preferred_username", ""
        )
        known = User.objects.filter(username=name, is_active=True).first() if name else None
        if known is None:
            raise ImmediateHttpResponse(render(request, "accounts/stranger.html", status=403))
        sociallogin.connect(request, known)


class SealedSecrets(DefaultMFAAdapter):
    """Secrets of second factors are encrypted at rest with a key made of the station's own."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return _seal().decrypt(encrypted_text.encode()).decode()


def _seal() -> Fernet:
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"second factors").derive(
        settings.SECRET_KEY.encode()
    )
    return Fernet(base64.urlsafe_b64encode(key))
