"""Two records of one person are found, two persons are not taken for one."""

from dataclasses import replace
from datetime import date

import pytest

from tongchou.station.access.context import acting, system
from tongchou.station.cases.likeness import Candidate, compare
from tongchou.station.cases.matching import blocks, find_among, find_duplicates, find_repeats
from tongchou.station.cases.models import Identity, Person

PATH = "100000/640000/640100/640104/"
ZHANG = Candidate(
    row="1", name="张伟明", sex="male", birth_year=1980, document="640104198001010018",
    phone="13800001234", path=PATH,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, True),
        ({"phone": "", "path": ""}, True),
        ({"document": "640104198001010081"}, True),
        ({"document": "", "name": "章维明"}, True),
        ({"document": "", "name": "Weiming Zhang"}, True),
        ({"document": "", "birth_year": 1981}, True),
        ({"document": "", "phone": ""}, True),
        ({"document": "", "phone": "13999999999"}, False),
        ({"document": "640104199503030027", "phone": "13999999999"}, False),
        # of one household: telephone and address shared, not the person
        ({"document": "640104201003030027", "name": "张小红", "sex": "female", "birth_year": 2010}, False),
        ({"document": "", "name": "张小红", "sex": "female", "birth_year": 1982}, False),
        # of the same name in the same county
        ({"document": "640104195503030027", "birth_year": 1955, "phone": "13999999999"}, False),
    ],
)  # fmt: skip
def test_one_person_written_down_twice_is_found(change, found):
    other = replace(ZHANG, row="2", **change)
    assert bool(find_among([other], [ZHANG])) is found


def test_the_answer_keeps_its_reasons():
    (match,) = find_among([replace(ZHANG, row="2", document="")], [ZHANG])
    assert [r.en for r in match.reasons] == [
        "same telephone number", "same name", "same year of birth", "same sex", "live in the same county",
    ]  # fmt: skip
    assert match.likely


def test_a_date_says_more_than_a_year():
    dated = replace(ZHANG, birth_date=date(1980, 1, 1))
    other_day = replace(ZHANG, birth_date=date(1980, 5, 7))
    p = compare([dated, dated, ZHANG], [dated, other_day, ZHANG]).probability
    assert p[0] > p[2] > p[1]


def test_fillers_group_nobody():
    made = blocks(name="", document="0", phone="无")
    assert not any(made.columns().values())
    filled = [Candidate(row=str(n), document="000000000", phone="11111111") for n in range(3)]
    assert find_repeats(filled) == []


def test_records_of_one_file_are_compared_once_and_never_with_themselves():
    rows = [
        ZHANG,
        replace(ZHANG, row="2"),
        replace(ZHANG, row="3", name="李娜", document="", phone=""),
    ]
    assert [(m.row, m.other_row) for m in find_repeats(rows)] == [("2", "1")]


def test_nothing_to_compare_is_no_match():
    assert find_among([], [ZHANG]) == find_among([ZHANG], []) == []


def keep(person, path=PATH):
    made = Person.objects.create(
        sex=person.sex, birth_year=person.year, responsible_path=path, residence_path=path
    )
    Identity.objects.create(
        person=made, name=person.name, document_number=person.document, phone=person.phone,
        responsible_path=path, residence_path=path,
    )  # fmt: skip
    return made


def test_persons_held_are_found_within_reach_only(actor, places):
    with system("set up"):
        near = keep(ZHANG, places["640104"].path)
        keep(replace(ZHANG, name="张维明"), places["640105"].path)
    typed = replace(ZHANG, row="7")
    with acting(actor("epidemiologist", "640104")):
        assert [(m.row, m.person) for m in find_duplicates([typed])] == [("7", near.pseudonym)]
    with acting(actor("epidemiologist", "640100")):
        assert len(find_duplicates([typed])) == 2
    with acting(actor("auditor", "640100")):
        assert find_duplicates([typed]) == []


def test_a_person_merged_away_is_not_found_again(places):
    with system("set up"):
        kept = keep(ZHANG)
        away = keep(ZHANG)
        away.merged_into = kept
        away.save()
        assert [m.person for m in find_duplicates([ZHANG])] == [kept.pseudonym]
