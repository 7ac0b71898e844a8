"""An OpenID Connect provider from one environment variable."""

from typing import Any

PROVIDER_ID = "oidc"


def providers(setting: str) -> dict[str, Any]:
    """Give the provider settings of ``issuer|client id|client secret``; empty where none is set.

    >>> providers("")
    {}
    >>> made = providers("https://id.example.org|station|secret")
    >>> made["openid_connect"]["APPS"][0]["settings"]["server_url"]
    'https://id.example.org'
    """
    if not setting:
        return {}
    try:
        issuer, client, secret = setting.split("|")
    except ValueError as error:
        raise ValueError(
            "TONGCHOU_OIDC must read issuer|client id|client secret "
            f"and has {setting.count('|') + 1} parts"
        ) from error
    return {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "EMAIL_AUTHENTICATION": False,
            "APPS": [
                {
                    "provider_id": PROVIDER_ID,
                    "name": "OIDC",
                    "client_id": client,
                    "secret": secret,
                    "settings": {"server_url": issuer},
                }
            ],
        }
    }
