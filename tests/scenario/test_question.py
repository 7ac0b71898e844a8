"""A question as a file: what may be said, and how it is told what is wrong with it."""

from datetime import date

import pytest

from tongchou.scenario.question import read_question
from tongchou.scenario.question_faults import BadQuestion
from tongchou.vocabulary.errors import UnknownPlace

SATURDAY = date(2020, 2, 22)
NAMES = {"汉阳区": "420105", "Hanyang": "420105", "420105": "420105", "武汉市": "420100"}


def place_of(word):
    if word not in NAMES:
        raise UnknownPlace(word, near=["420105"])
    return NAMES[word]


def ask(text, **more):
    return read_question(
        text, "q.toml", tonight=SATURDAY, place_of=place_of, everywhere=["420000"], **more
    )


def told(text):
    with pytest.raises(BadQuestion) as refused:
        ask(text)
    return refused.value.text()


def test_reopening_a_county_on_monday():
    question = ask(
        """
        title = { zh = "周一复工？", en = "Reopen on Monday?" }
        horizon = 30
        [[options]]
        id = "monday"
        name = { zh = "汉阳周一复工", en = "Hanyang reopens" }
        entries = [
            { lift = ["要求居家", "close_nonessential_business"], places = ["汉阳区"], from = "周一" },
            { add = "protect_work", places = "Hanyang", from = "monday", until = "sunday", strength = 0.5 },
            { add = "trace_contacts", delay_days = 2 },
        ]
        """
    )
    assert (question.title["en"], question.horizon) == ("Reopen on Monday?", 30)
    [choice] = question.choices
    monday, last = date(2020, 2, 24), date(2020, 3, 23)
    assert [(x.what, x.places, x.start) for x in choice.lift] == [
        ("stay_home", ("420105",), monday),
        ("close_nonessential_business", ("420105",), monday),
    ]
    protect, trace = choice.add
    assert (protect.start, protect.until, protect.strength) == (monday, date(2020, 3, 1), 0.5)
    assert (trace.places, trace.start, trace.until) == (("420000",), date(2020, 2, 23), last)
    # The library's delay has a mean of 6 and a standard deviation of 3 days: two days keep the proportion.
    assert (trace.delay.mean, trace.delay.sd) == (2.0, 1.0)


def test_travel_closed_and_opened_and_what_is_in_force_without_a_record():
    question = ask(
        """
        effect = "weakest"
        recorded_until = 2020-03-01
        in_force = [{ add = "close_schools" }]
        options = [
            { id = "shut", name = "no journeys", close_travel = true },
            { id = "open", name = "journeys again", close_travel = false },
            { id = "later", name = "a week later", shift_days = 7 },
        ]
        """
    )
    assert (question.effect, question.recorded_until) == ("high", date(2020, 3, 1))
    assert question.in_force[0].start == SATURDAY
    shut, opened, later = question.choices
    assert {e.what for e in shut.add} == {"control_exits", "suspend_transport"}
    assert {x.what for x in opened.lift} >= {"control_exits", "suspend_transport"}
    assert later.shift_days == 7


def test_days_of_the_command_line_stand_in_the_place_of_the_files():
    text = '[[options]]\nname = "x"\nclose_travel = true\n'
    assert ask(text).horizon == 60
    assert ask("horizon = 5\n" + text, horizon=90).choices[0].add[0].until == date(2020, 5, 22)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("title = ", "第 1 行", "line 1"),
        ("", "键 options", "key options"),
        ("horizon = 181\n[[options]]\nclose_travel = true", "1 至 180", "from 1 to 180"),
        ("horizon = true\n[[options]]\nclose_travel = true", "值“True”", "value “True”"),
        ("disease = 'plague'\n[[options]]\nclose_travel = true", "covid2020", "covid2020"),
        ("options = 3", "键 options", "[[options]]"),
        ("[[options]]\nid = '../up'\nclose_travel = true", "第 2 行", "letters, digits"),
        ("[[options]]\nid = 'keep'\nclose_travel = true", "维持现状", "that of “keep”"),
        ("[[options]]\nname = 'idle'", "什么也不改变", "changes nothing"),
        ("[[options]]\nname = {fr = 'non'}\nclose_travel = true", "键 name", "key name"),
        ("[[options]]\nclose_travel = 'yes'", "true 或 false", "true or false"),
        ("[[options]]\nshift_days = 1.5", "整数", "whole number"),
        ("[[options]]\nentries = [{ lift = 'stay_hom' }]", "stay_home", "stay_home"),
        ("[[options]]\nentries = [{ add = 'all' }]", "没有这项措施", "no such measure"),
        ("[[options]]\nentries = [{ add = [] }]", "一个也没有", "Nothing is listed"),
        ("[[options]]\nentries = [{ from = 'monday' }]", "add 或 lift", "add or lift"),
        ("[[options]]\nentries = [{ add = 'masks', lift = 'masks' }]", "之一", "one of them only"),
        ("[[options]]\nentries = [{ add = 'masks', places = ['Atlantis'] }]", "Atlantis", "Atlantis"),
        ("[[options]]\nentries = [{ add = 'masks', from = 2020-02-22 }]", "--as-of", "--as-of"),
        ("[[options]]\nentries = [{ add = 'masks', from = 2021-01-01 }]", "horizon", "longer horizon"),
        ("[[options]]\nentries = [{ add = 'masks', from = 'someday' }]", "周一", "monday"),
        ("[[options]]\nentries = [{ add = 'masks', from = 2020-03-02, until = 2020-03-01 }]", "结束早于", "before it begins"),
        ("[[options]]\nentries = [{ add = 'masks', strength = 2 }]", "0 至 1", "from 0 to 1"),
        ("[[options]]\nentries = [{ add = 'masks', strength = nan }]", "nan", "nan"),
        ("[[options]]\nentries = [{ add = 'masks', delay_days = 2 }]", "时延", "by a delay"),
        ("[[options]]\nentries = [{ lift = 'masks', strength = 1 }]", "去掉", "Leave it out"),
        ("[[options]]\nentires = []\nclose_travel = true", "entries", "entries"),
        ("in_force = [{ lift = 'masks' }]\n[[options]]\nclose_travel = true", "in_force 第 1 条", "in_force, entry 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_the_next_step(text, zh, en):
    message = told(text)
    assert zh in message.zh
    assert en in message.en
    assert "q.toml" in message.zh


def test_every_fault_at_once_each_on_its_line():
    message = told(
        """title = ""
[[options]]
id = "first"
entries = [
  { add = "masks" },
  { lift = "schools", from = "monday" },
]
[[options]]
id = "first"
name = "second"
entries = [{ add = "masks", strength = "strong" }]
"""
    )
    assert "The question has 4 faults; nothing was run." in message.en
    assert "q.toml, line 1, key title" in message.en
    assert "q.toml, line 6, option “first”, entry 2, key lift, value “schools”" in message.en
    assert "line 11, option “first”, entry 1, key strength, value “strong”" in message.en
    assert message.zh.count("\n") == message.en.count("\n") == 4


def test_the_packaged_example_is_right_on_any_day():
    from tongchou.morning.what_if import example

    for day in range(22, 29):
        question = read_question(
            example(),
            "example.toml",
            tonight=date(2020, 2, day),
            place_of=place_of,
            everywhere=["420000"],
        )
        assert len(question.choices) == 6
