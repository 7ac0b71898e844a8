"""No request, however strange, makes the interface fall over, whoever sends it.

Requests are made from the OpenAPI document, half of them against its rules, and sent in process by
a person of every kind.
"""

import itertools

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from tests.station.api.test_error_shape import in_shape

from tongchou.station.api.ground import ground

pytestmark = [pytest.mark.django_db, pytest.mark.drill]
EXAMPLES = {GenerationMode.POSITIVE: 4, GenerationMode.NEGATIVE: 6}
"""For each route, sent by one person after the other; what breaks is nearly always found by the first few (assumption)."""
WHO = [
    ("epidemiologist", "640104", None),
    ("clinician", "640104", "640104-designated"),
    ("duty_officer", "640000", None),
    ("laboratory", "640104", "640104-laboratory"),
]
STRANGE = [
    "\0",
    "\ud800",
    "9" * 40,
    "-1",
    "2020-02-30",
    "NaN",
    "' OR 1=1 --",
    "..%2F..%2Fetc",
    "🜏" * 300,
]


@pytest.fixture
def clients(signed_in, settings) -> list[Client]:
    """Give clients that may ask as often as they like."""
    settings.API_REQUESTS_PER_MINUTE = dict.fromkeys(settings.API_REQUESTS_PER_MINUTE, 10**9)
    settings.STATION_REQUESTS_PER_MINUTE = 10**9
    made = [signed_in(*who) for who in WHO]
    for client in made:
        client.raise_request_exception = False
    return made


def held(response, what: str, broken: list[str]) -> None:
    """Note an answer that says we broke; any other refusal has the one shape."""
    if response.status_code >= 500:
        broken.append(f"{response.status_code} {what}")
    elif response.status_code >= 400 and "fhir" not in response["Content-Type"]:
        in_shape(response, response.status_code, response.json()["error"]["code"])


def send(client: Client, case, broken: list[str]) -> None:
    kwargs = case.as_transport_kwargs(base_url="https://testserver")
    sent = requests.Request(
        **{
            k: v
            for k, v in kwargs.items()
            if k in ("method", "url", "headers", "params", "data", "json", "files", "cookies")
        }
    ).prepare()
    headers = {
        k: v
        for k, v in sent.headers.items()
        if k.lower() not in ("content-length", "content-type", "cookie")
    }
    body = sent.body or b""
    response = client.generic(
        sent.method,
        sent.path_url,
        body.encode() if isinstance(body, str) else body,
        content_type=sent.headers.get("Content-Type", ""),
        headers=headers,
        secure=True,
    )
    held(response, f"{sent.method} {sent.path_url} {body[:300]!r}", broken)


@pytest.mark.parametrize("mode", list(EXAMPLES), ids=lambda m: m.value)
def test_no_request_breaks_a_route(clients, mode):
    schema = schemathesis.openapi.from_dict(ground().get_openapi_schema())
    broken: list[str] = []
    turn = itertools.cycle(clients)
    for found in schema.get_all_operations():
        operation = found.ok()

        @seed(20200222)
        @settings(
            max_examples=EXAMPLES[mode],
            phases=[Phase.generate],
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def every(case):
            send(next(turn), case, broken)

        every()
    assert broken == []


def test_no_strange_word_in_an_address_breaks_a_route(clients):
    broken: list[str] = []
    document = ground().get_openapi_schema()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for word in STRANGE:
                address = path
                for given_ in operation.get("parameters", []):
                    if given_["in"] == "path":
                        address = address.replace(f"{{{given_['name']}}}", word)
                query = {
                    p["name"]: word for p in operation.get("parameters", []) if p["in"] == "query"
                }
                encoded = requests.models.PreparedRequest()
                encoded.prepare_url(
                    "https://testserver" + address.encode("utf-8", "replace").decode(),
                    {k: v.encode("utf-8", "surrogatepass") for k, v in query.items()},
                )
                held(clients[0].get(encoded.path_url, secure=True), encoded.path_url, broken)
    assert broken == []
