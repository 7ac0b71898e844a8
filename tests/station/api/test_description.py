"""The OpenAPI document says of every route what it is, in both languages, and means what it says."""

from collections import defaultdict

import pytest
from ninja import Schema

from tongchou.station.api.ground import ground
from tongchou.station.api.openapi import completed
from tongchou.station.api.registry import mounted

pytestmark = pytest.mark.django_db


def below(kind):
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


def test_every_route_has_a_title_in_both_languages_and_a_note():
    wanting = [
        f"{method} {path}"
        for path, operations in ground().get_openapi_schema()["paths"].items()
        for method, operation in operations.items()
        if " · " not in operation["summary"] or not operation.get("description")
    ]
    assert wanting == []


def test_no_two_schemas_bear_one_name():
    """One would stand in the document for both."""
    homes = defaultdict(set)
    for schema in below(Schema):
        if schema.__module__.startswith("tongchou.") and "[" not in schema.__name__:
            homes[schema.__name__].add(schema.__module__)
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


def test_every_operation_lists_the_errors_it_may_give():
    document = ground().get_openapi_schema()
    for operations in document["paths"].values():
        for method, operation in operations.items():
            codes = {str(code) for code in operation["responses"]}
            assert {"400", "401", "404", "422", "429"} <= codes
            named = [p["name"] for p in operation.get("parameters", [])]
            assert named.count("Idempotency-Key") == (method == "post")


def test_completing_twice_adds_nothing():
    once = ground().get_openapi_schema()
    assert completed(once) == ground().get_openapi_schema()


def test_every_router_was_registered_by_its_room():
    assert {"/me", "/places", "/units", "/tokens", "/fhir"} <= {m.prefix for m in mounted()}
