"""Nobody learns of what is not theirs: every address, every role, every level, one by one.

Addresses are read from the program, not written here; so are tables (see ``conftest.py``). What a
county's people may learn is said once more in this file in the plainest words: only what lies at
or below the place of their post. The marks of other counties must then stand in no answer of any
kind, and an address that names a record of another county must answer exactly as one that names no
record at all, to reading and to writing.
"""

import importlib.util
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tongchou.station.access.context import acting, system
from tongchou.station.access.roles import Role, grants, role_rules
from tongchou.station.accounts.actors import actor_of
from tongchou.station.accounts.models import Post, User
from tongchou.station.desk.lists import all_lists

_spec = importlib.util.spec_from_file_location("world", Path(__file__).with_name("world.py"))
_world = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_world)
COUNTIES, FIRST, NOWHERE, World, mark = (
    _world.COUNTIES, _world.FIRST, _world.NOWHERE, _world.World, _world.mark,
)  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.drill]

LEAVES_THE_STATION = ("accounts/", "static/", "language")
"""Signing in and out is tested in its own place; here it would end the session."""


@dataclass(frozen=True)
class Address:
    """An address of the program: its pattern and the kinds of its blanks."""

    pattern: str
    blanks: tuple[tuple[str, str], ...]

    def fill(self, number: int, name: str) -> str:
        """Give the address that names the records of a county."""
        filled = self.pattern
        for blank, kind in self.blanks:
            value = str(number) if kind == "IntConverter" else name
            filled = filled.replace(f"<{blank}>", value)
        return f"/{filled}"


def addresses() -> Iterator[Address]:
    """Read every address from the program."""

    def walk(patterns, before, blanks):
        for entry in patterns:
            route = str(entry.pattern)
            if route.startswith("^") or "(?P" in route:
                continue
            here = dict(blanks)
            for blank, converter in entry.pattern.converters.items():
                here[blank] = type(converter).__name__
            plain = before + re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", route)
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, plain, here)
            elif isinstance(entry, URLPattern) and not plain.startswith(LEAVES_THE_STATION):
                yield Address(plain, tuple(here.items()))

    yield from walk(get_resolver().url_patterns, "", {})


ALL = sorted(set(addresses()), key=lambda a: a.pattern)
OPEN = [a for a in ALL if not a.blanks]
NAMING = [a for a in ALL if a.blanks]


@dataclass(frozen=True)
class Someone:
    """A role at a place, and the counties that are not theirs."""

    role: Role
    place: str
    kind: str | None
    strangers: tuple[str, ...]


def everyone() -> Iterator[Someone]:
    """Give every role at every level at which somebody is a stranger to some county."""
    for role, rule in role_rules().items():
        if rule.in_unit:
            kind = {"laboratory": "laboratory", "depot": "depot", "enterprise": "enterprise"}.get(
                role.value, "designated"
            )
            yield Someone(role, COUNTIES["HERE"], kind, ("NEAR", "FAR"))
        if "grid" in rule.levels:
            yield Someone(role, f"{COUNTIES['HERE']}-G01", None, ("NEAR", "FAR"))
        if "county" in rule.levels and not rule.in_unit:
            yield Someone(role, COUNTIES["HERE"], None, ("NEAR", "FAR"))
            yield Someone(role, "640100", None, ("FAR",))
            yield Someone(role, "640000", None, ("FAR",))


PEOPLE = list(everyone())


def named(someone: Someone) -> str:
    return f"{someone.role}@{someone.kind or someone.place}"


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker):
    """Make the world once for a module; each test undoes what it does, and the end undoes the world."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _world.make()
        transaction.set_rollback(True)


@pytest.fixture
def come_in(world: World):
    """Give a maker of signed-in clients."""

    def make(someone: Someone) -> Client:
        user = User.objects.create_user(f"visitor-{User.objects.count()}")
        Post.objects.create(
            user=user,
            role=someone.role,
            place=world.places[someone.place],
            unit=world.units["HERE"][someone.kind] if someone.kind else None,
        )
        client = Client(headers={"accept-language": "en"}, raise_request_exception=False)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


def body(answer) -> str:
    """Give all that an answer says, streams and spreadsheets too."""
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if raw[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(raw)) as opened:
            raw = b"".join(opened.read(n) for n in opened.namelist())
    return raw.decode("utf-8", "replace") + json.dumps(dict(answer.headers))


def without_chance(text: str, *names: str) -> str:
    """Give a page without what differs at each asking, and then without the names asked for.

    In this order: a random token may hold the digits of a number, and would not be known for a
    token any more once they are taken out of it.
    """
    text = re.sub(r'(nonce|value|content|csrf\w*)(=|": ?")"?[\w+/=-]{16,}"?', "~", text)
    text = re.sub(
        r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|X-Request-ID\W+\w+|nonce-[\w+/=-]+|request_id\W+\w+",
        "~",
        text,
    )
    for name in names:
        text = text.replace(name, "*")
    return text


def without_tokens(text: str) -> str:
    """Give a page without its random tokens: four letters in a row stand in one of them by chance."""
    tokens = r'(csrfmiddlewaretoken" value="|nonce-|nonce="|"X-Request-ID": ")[\w+/=-]+'
    return re.sub(tokens, r"\1~", text)


def test_a_mark_inside_a_random_token_is_not_taken_for_a_leak():
    token = "a" * 30 + mark("NEAR") + "b" * 30
    page = f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}"><p>{mark("HERE")}</p>'
    assert mark("NEAR") not in without_tokens(page)
    assert mark("HERE") in without_tokens(page)
    assert mark("NEAR") in without_tokens(f'<input name="q" value="{token}">')


def test_a_number_inside_a_random_token_is_not_taken_for_a_difference():
    tokens = ("ab93000cd123", "0f1e2d3c4b5a")
    said = {
        without_chance(f'{{"X-Request-ID": "{token}"}} case 93000', "93000") for token in tokens
    }
    assert len(said) == 1
    assert said.pop().endswith("case *")


def test_the_program_has_addresses_of_both_kinds():
    assert len(OPEN) > 30
    assert len(NAMING) > 30
    assert {"api/", "cases/", "incident/", "exchange/", "administration/"} <= {
        re.match(r"[a-z]*/?", a.pattern).group() for a in ALL
    }


@pytest.mark.parametrize("someone", PEOPLE, ids=named)
def test_no_answer_carries_a_mark_of_another_county(world, come_in, someone):
    """Lists, counts, exports, search, maps, forms and the API, asked plainly and by the mark itself."""
    client = come_in(someone)
    found, broken = [], []

    def ask(address: Address, question: str = "") -> str:
        asked = address.fill(0, "") + question
        answer = client.get(asked)
        if answer.status_code >= 500:
            broken.append((asked, answer.status_code))
        said = without_tokens(body(answer))
        for stranger in someone.strangers:
            echoed = said.replace(f"q={mark(stranger)}", "").replace(
                f'value="{mark(stranger)}"', ""
            )
            rest = re.sub(rf"[“\"'»:]?{mark(stranger)}[”\"'«.]?(?![\w-])", "", echoed)
            if mark(stranger) in rest:
                found.append((asked, stranger))
        return said

    for address in OPEN:
        plain = ask(address)
        if 'name="q"' in plain or address.pattern.startswith("api/"):
            for stranger in someone.strangers:
                ask(address, f"?q={mark(stranger)}")
        if "format=csv" in plain:
            for stranger in someone.strangers[:1]:
                ask(address, f"?q={mark(stranger)}&format=csv")
            ask(address, "?format=csv")
            ask(address, "?format=xlsx")
    assert broken == []
    assert found == []


@pytest.mark.parametrize("someone", PEOPLE, ids=named)
def test_not_yours_is_answered_exactly_as_not_there(world, come_in, someone):
    """To reading and to writing, by pages and by the API; and nothing of theirs is changed."""
    client = come_in(someone)
    stranger = someone.strangers[-1]
    theirs_number, theirs_name = FIRST[stranger], f"{mark(stranger)}-{FIRST[stranger]}"
    nobody_name = f"{mark(stranger)}-{NOWHERE}"
    before = everything(world, stranger)
    differs, broken = [], []
    for address in NAMING:
        for method in ("get", "post", "patch", "put", "delete"):
            if method in ("patch", "put", "delete") and not address.pattern.startswith("api/"):
                continue
            answers = []
            for number, name in ((theirs_number, theirs_name), (NOWHERE, nobody_name)):
                asked = address.fill(number, name)
                kept = (
                    {"content_type": "application/json", "data": "{}"}
                    if address.pattern.startswith("api/") and method != "get"
                    else {}
                )
                answer = getattr(client, method)(asked, **kept)
                if answer.status_code >= 500:
                    broken.append((method, asked, answer.status_code))
                said = without_chance(body(answer), asked, name, str(number))
                answers.append((answer.status_code, said))
            if answers[0] != answers[1]:
                differs.append(
                    (method, address.pattern, *(a[0] for a in answers), _first_difference(answers))
                )
            elif answers[0][0] < 300 and mark(stranger) in answers[0][1]:
                differs.append((method, address.pattern, "shows the mark", answers[0][0]))
    assert broken == []
    assert differs == []
    assert everything(world, stranger) == before


def _first_difference(answers) -> str:
    """Show where two answers part."""
    one, other = answers[0][1], answers[1][1]
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return f"{one[at - 60 : at + 60]!r} / {other[at - 60 : at + 60]!r}"


def everything(world: World, county: str) -> list[dict[str, object]]:
    """Give every value of every record of a county, as the database holds it now."""
    with system("compare"):
        return [
            next(iter(type(row)._base_manager.filter(pk=row.pk).values()), {})
            for row in world.rows[county]
        ]


@pytest.mark.parametrize("someone", PEOPLE, ids=named)
def test_every_list_counts_only_what_is_theirs(world, come_in, someone):
    """The rows of each list, and the number that stands above them."""
    client = come_in(someone)
    actor = actor_of(
        Post.objects.select_related("user", "place", "unit").get(
            user__pk=int(client.session["_auth_user_id"])
        )
    )
    for spec in all_lists():
        if spec.action not in actor.may or spec.name in ("posts", "audit"):
            continue
        with acting(actor):
            rows = list(spec.rows())
        theirs = [r for r in rows if any(_of(r, world, s) for s in someone.strangers)]
        assert theirs == [], spec.name


def _of(row, world: World, county: str) -> bool:
    return any(type(r) is type(row) and r.pk == row.pk for r in world.rows[county])


def test_people_see_their_own(world, come_in):
    """The other half: a test that nobody passes through would also pass if every page were empty."""
    client = come_in(Someone(Role.EPIDEMIOLOGIST, COUNTIES["HERE"], None, ()))
    seen = [a.pattern for a in OPEN if mark("HERE") in body(client.get(a.fill(0, "")))]
    assert len(seen) >= 5, seen
    opened = [
        a.pattern
        for a in NAMING
        if client.get(a.fill(FIRST["HERE"], f"{mark('HERE')}-{FIRST['HERE']}")).status_code == 200
    ]
    assert len(opened) >= 10, opened


@pytest.mark.parametrize("role", [r for r in Role if "cases.identity" not in grants(r)])
def test_names_are_shown_to_nobody_whose_post_does_not_need_them(world, come_in, role):
    """Even of their own county, commanders, duty officers and auditors meet pseudonyms only."""
    rule = role_rules()[role]
    someone = (
        Someone(
            role,
            COUNTIES["HERE"],
            role.value if role.value in ("laboratory", "depot", "enterprise") else "designated",
            (),
        )
        if rule.in_unit
        else Someone(role, COUNTIES["HERE"], None, ())
    )
    client = come_in(someone)
    (identity,) = (r for r in world.rows["HERE"] if type(r).__name__ == "Identity")
    secrets = {identity.name, identity.document_number, identity.phone, identity.address}
    found = []
    for address in ALL:
        for question in ("", "?format=csv"):
            asked = address.fill(FIRST["HERE"], f"{mark('HERE')}-{FIRST['HERE']}") + question
            said = body(client.get(asked))
            found += [(asked, s) for s in secrets if s in said]
    assert found == []
