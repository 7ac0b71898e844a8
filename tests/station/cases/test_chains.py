"""Chains: a tree whatever the links say, the same in the drawing and in the table."""

from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from tongchou.station.access.context import acting, system
from tongchou.station.cases.chains import SHAPES, Link, Node, draw, lay_out, legend
from tongchou.station.cases.models import Case
from tongchou.station.cases.models.case import SETTING_NAMES
from tongchou.station.cases.services import contacts
from tongchou.station.cases.services.chains import chain_of


def nodes(**days):
    return [Node(case=c, on=date(2020, 2, d)) for c, d in days.items()]


def infected(*pairs, kind="infector"):
    return [Link(source=a, target=b, kind=kind) for a, b in pairs]


def tree(chain):
    return {p.node.case: (p.parent, p.generation) for p in chain.placed}


@pytest.mark.parametrize(
    ("links", "found"),
    [
        ([], {"A": ("", 1), "B": ("", 1), "C": ("", 1)}),
        (infected("AB", "BC"), {"A": ("", 1), "B": ("A", 2), "C": ("B", 3)}),
        (infected("AB", "BA"), {"A": ("B", 2), "B": ("", 1), "C": ("", 1)}),
        (infected("AA", "AX"), {"A": ("", 1), "B": ("", 1), "C": ("", 1)}),
        (
            infected("AC", kind="contact") + infected("BC"),
            {"A": ("", 1), "B": ("", 1), "C": ("B", 2)},
        ),
    ],
)
def test_every_case_has_one_source_and_no_circle(links, found):
    assert tree(lay_out(nodes(A=1, B=5, C=9), links)) == found


def test_children_stand_below_their_source_by_onset():
    chain = lay_out(nodes(A=1, B=9, C=5, D=7), infected("AB", "AC", "CD"))
    assert [p.node.case for p in chain.placed] == ["A", "C", "D", "B"]
    assert chain.generations == 3


def test_a_shared_venue_joins_without_making_a_generation():
    chain = lay_out(nodes(A=1, B=5), infected("AB", kind="shared") + infected("BA", kind="shared"))
    assert (chain.generations, len(chain.shared)) == (1, 1)


def test_a_large_chain_is_bounded_and_says_so():
    chain = lay_out([Node(case=f"C{n}", on=date(2020, 2, 1)) for n in range(9)], [], most=4)
    assert (len(chain.placed), chain.left_out) == (4, 5)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_drawing_is_sound_and_names_every_case(lang):
    made = [
        Node(case=f"C<{n}", on=date(2020, 2, 1 + n), setting=s, url="/x?a=1&b=2")
        for n, s in enumerate(SHAPES)
    ]
    chain = lay_out(made, infected(*[(a.case, b.case) for a, b in pairwise(made)]))
    root = ElementTree.fromstring(draw(chain, lang, settings=SETTING_NAMES))
    assert len(root.findall(".//g")) == len(made)
    assert root.findtext("title")
    assert set(SHAPES) <= set(SETTING_NAMES)
    assert legend(lang, settings=SETTING_NAMES).count("<svg") == len(SHAPES)
    assert draw(lay_out([], []), lang, settings=SETTING_NAMES) == ""


def test_what_hangs_together_is_found_within_reach_only(actor, places):
    def case(place, **values):
        who = contacts.enter_person(responsible=place, residence=place)
        return Case.objects.create(
            person=who,
            disease="covid-19",
            definition="trial-5",
            responsible=place,
            responsible_path=place.path,
            **values,
        )

    here, there = places["640104"], places["640105"]
    with system("set up"):
        first = case(here)
        second = case(here, infector=first)
        beyond = case(there, infector=second)
        case(here)
        contact = contacts.name_contact(
            contacts.enter_person(responsible=here, residence=here),
            responsible=here,
            setting="household",
            case=second,
        )
        ill = Case.objects.create(
            person=contact.person,
            disease="covid-19",
            definition="trial-5",
            responsible=here,
            responsible_path=here.path,
        )
        contacts.link_case(ill)
        Case.objects.filter(pk=ill.pk).update(infector=None)
    with acting(actor("epidemiologist", "640104")):
        seen = tree(chain_of(second))
        assert seen == {
            first.pseudonym: ("", 1), second.pseudonym: (first.pseudonym, 2), ill.pseudonym: (second.pseudonym, 3)
        }  # fmt: skip
    with acting(actor("epidemiologist", "640100")):
        assert beyond.pseudonym in tree(chain_of(second))
