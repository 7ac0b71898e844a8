"""Signing in through an organisation's OpenID Connect provider, played by a server on this machine."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlparse

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tongchou.station import oidc

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider(BaseHTTPRequestHandler):
    """Answers discovery, token and user requests for whoever ``who`` names."""

    who = "li.na"
    nonce = ""

    def log_message(self, *_):
        pass

    def answer(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        if self.path.startswith("/.well-known"):
            self.answer(
                {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "userinfo_endpoint": f"{here}/me",
                    "jwks_uri": f"{here}/keys",
                }
            )
        elif self.path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
            self.answer({"keys": [{**public, "kid": "1", "alg": "RS256", "use": "sig"}]})
        else:
            self.answer({"sub": f"number-of-{self.who}", "preferred_username": self.who})

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        here = f"http://127.0.0.1:{self.server.server_port}"
        claims = {
            "iss": here,
            "aud": "station",
            "sub": f"number-of-{self.who}",
            "exp": int(time.time()) + 60,
            "iat": int(time.time()),
            "preferred_username": self.who,
        }
        token = jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "1"})
        self.answer({"access_token": "t", "id_token": token, "token_type": "Bearer"})


@pytest.fixture
def provider(settings, db):
    cache.clear()
    server = HTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SOCIALACCOUNT_PROVIDERS = oidc.providers(
        f"http://127.0.0.1:{server.server_port}|station|secret"
    )
    yield server
    server.shutdown()
    server.server_close()


def come_in(client: Client):
    start = client.post(reverse("openid_connect_login", args=["oidc"]))
    asked = parse_qs(urlparse(start.url).query)
    assert asked["code_challenge_method"] == ["S256"]
    return client.get(
        reverse("openid_connect_callback", args=["oidc"]), {"code": "c", "state": asked["state"][0]}
    )


def test_a_known_colleague_comes_in(provider, post):
    post("epidemiologist", "640104", username="li.na")
    Provider.who = "li.na"
    client = Client()
    assert come_in(client).status_code == 302
    assert client.get("/accounts/").status_code == 200


def test_a_stranger_stays_outside_and_is_told_whom_to_ask(provider):
    Provider.who = "somebody.else"
    client = Client(headers={"accept-language": "en"})
    answer = come_in(client)
    assert answer.status_code == 403
    assert "account administrator" in answer.content.decode()
    assert client.get("/accounts/").status_code == 302


def test_an_answer_that_nobody_asked_for_is_refused(provider, post):
    post("epidemiologist", "640104", username="li.na")
    Provider.who = "li.na"
    client = Client()
    client.get(reverse("openid_connect_callback", args=["oidc"]), {"code": "c", "state": "made-up"})
    assert client.get("/accounts/").status_code == 302


def test_coming_in_needs_a_step_of_the_person(provider):
    """A link alone, as in a picture on another page, starts no session: it only asks."""
    assert Client().get(reverse("openid_connect_login", args=["oidc"])).status_code == 200
