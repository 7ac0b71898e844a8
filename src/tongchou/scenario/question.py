"""A question as a file: what is asked, how far ahead, and the options, read with every fault named."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Any

from tongchou.scenario import question_faults as say
from tongchou.scenario.choices import EVERYTHING, JOURNEYS, Choice, Lift
from tongchou.scenario.measures import KEEP
from tongchou.transmission.metapopulation.disease import diseases
from tongchou.transmission.metapopulation.entries import Entry, tiers
from tongchou.transmission.metapopulation.levers import End, levers
from tongchou.vocabulary.distributions import Gamma
from tongchou.vocabulary.errors import Fault, UnknownPlace
from tongchou.vocabulary.measure import measures
from tongchou.vocabulary.text import Text, same

LONGEST = 180
"""Days ahead that may be asked for."""

WEEKDAYS: Mapping[str, int] = {
    word: k
    for k, words in enumerate(
        (
            ("monday", "周一", "星期一"),
            ("tuesday", "周二", "星期二"),
            ("wednesday", "周三", "星期三"),
            ("thursday", "周四", "星期四"),
            ("friday", "周五", "星期五"),
            ("saturday", "周六", "星期六"),
            ("sunday", "周日", "星期日"),
        )
    )
    for word in words
}

EFFECTS: Mapping[str, End] = {"expected": "value", "strongest": "low", "weakest": "high"}

TOP = ("title", "horizon", "disease", "effect", "recorded_until", "in_force", "options")
OPTION = ("id", "name", "entries", "shift_days", "close_travel")
ENTRY = ("add", "lift", "places", "from", "until", "strength", "delay_days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked.

    Attributes
    ----------
    title
        The question in words.
    horizon
        Days ahead.
    disease
        Of the table of diseases.
    effect
        Expected, strongest (``low``) or weakest (``high``) effect of all measures.
    recorded_until
        Day up to which recorded measures are read; the night itself where none is given. A later one
        asks what might have been.
    in_force
        Measures in force tonight that no record tells.
    choices
        Options, without "keep".
    """

    title: Text
    horizon: int
    disease: str
    effect: End
    recorded_until: date | None
    in_force: tuple[Entry, ...]
    choices: tuple[Choice, ...]


def read_question(
    text: str,
    file: str,
    *,
    tonight: date,
    place_of: Callable[[str], str],
    everywhere: Sequence[str],
    horizon: int | None = None,
) -> Question:
    """Read a question from the text of a TOML file.

    Parameters
    ----------
    text, file
        What the file holds, and its name for messages.
    tonight
        Last day of what is known; options begin on the day after it.
    place_of
        Gives the code of a place by code or name.

        Raises :class:`.UnknownPlace` where there is none.
    everywhere
        Codes for which an entry stands that names no place.
    horizon
        Days ahead in the place of those that the file says.

    Raises
    ------
    BadQuestion
        Naming file, line, option, key and value of every fault, and what to do.
    """
    reading = _Reading(text=text, file=file, tonight=tonight, place_of=place_of)
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        reading.fault(
            None,
            None,
            say.TOML.fill(error=str(error)),
            say.TOML_STEP,
            row=int(found[1]) if found else len(text.splitlines()),
        )
        raise say.BadQuestion(reading.faults) from None
    if horizon is not None:
        said["horizon"] = horizon
    question = reading.question(said, tuple(everywhere))
    if reading.faults or question is None:
        raise say.BadQuestion(reading.faults)
    return question


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One file being read: faults are gathered, what is at fault is left out."""

    text: str
    file: str
    tonight: date
    place_of: Callable[[str], str]
    last: date = date.min
    option: int | None = None
    entry: int | None = None
    called: str = ""
    ids: set[str] = field(default_factory=lambda: {KEEP})
    faults: list[Fault] = field(default_factory=list)

    def fault(
        self,
        key: str | None,
        value: object,
        problem: Text,
        remedy: Text,
        *,
        row: int | None = None,
    ) -> None:
        where = same("")
        if self.option is not None:
            name = self.called or str(self.option + 1)
            where = say.OPTION.fill(name=name)
            if self.entry is not None:
                where = say.OPTION_ENTRY.fill(name=name, n=self.entry + 1)
        elif self.entry is not None:
            where = say.IN_FORCE.fill(n=self.entry + 1)
        self.faults.append(
            say.At(
                file=self.file,
                row=row or say.row_of(self.text, key, self.option, self.entry),
                column=key,
                value=None if value is None else str(value),
                problem=problem,
                remedy=remedy,
                where=where,
            )
        )

    def question(self, said: Mapping[str, Any], everywhere: tuple[str, ...]) -> Question | None:
        self._known(said, TOP)
        horizon = self._number(said, "horizon", 1, LONGEST, 60)
        self.last = self.tonight + timedelta(days=int(horizon))
        title = self._text(said.get("title", say.UNTITLED.as_dict()), "title")
        ill_with = said.get("disease", "covid2020")
        if ill_with not in diseases():
            self.fault(
                "disease", ill_with, say.NO_DISEASE, say.ONE_OF.fill(known=", ".join(diseases()))
            )
        effect = said.get("effect", "expected")
        if effect not in EFFECTS:
            self.fault("effect", effect, say.NO_SUCH, say.ONE_OF.fill(known=", ".join(EFFECTS)))
        recorded = self._day(said, "recorded_until") if "recorded_until" in said else None
        standing = self._standing(said.get("in_force", []), everywhere)
        choices = self._choices(said.get("options", []), everywhere)
        if self.faults or title is None:
            return None
        return Question(
            title=title,
            horizon=int(horizon),
            disease=ill_with,
            effect=EFFECTS[effect],
            recorded_until=recorded,
            in_force=standing,
            choices=choices,
        )

    def _standing(self, said: Any, everywhere: tuple[str, ...]) -> tuple[Entry, ...]:
        found: list[Entry] = []
        for k, one in enumerate(self._tables(said, "in_force")):
            self.entry = k
            if "lift" in one:
                self.fault("lift", one["lift"], say.NOT_HERE, say.ONLY_ADD)
                continue
            added, _ = self._entry({"from": self.tonight} | one, everywhere, past=True)
            found += added
        self.entry = None
        return tuple(found)

    def _choices(self, said: Any, everywhere: tuple[str, ...]) -> tuple[Choice, ...]:
        tables = self._tables(said, "options")
        if not tables and not any(f.column == "options" for f in self.faults):
            self.fault("options", None, say.NO_OPTIONS, say.ADD_OPTION)
        found: list[Choice] = []
        for k, one in enumerate(tables):
            self.option, self.called = k, ""
            choice = self._choice(k, one, everywhere)
            if choice is not None:
                found.append(choice)
        self.option, self.called = None, ""
        return tuple(found)

    def _choice(self, k: int, one: Mapping[str, Any], everywhere: tuple[str, ...]) -> Choice | None:
        before = len(self.faults)
        self._known(one, OPTION)
        id_ = one.get("id", f"option{k + 1}")
        if not (isinstance(id_, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,40}", id_)):
            self.fault("id", id_, say.BAD_ID, say.ID_STEP)
        elif id_ in self.ids:
            self.fault("id", id_, say.TWICE, say.OWN_ID)
        self.ids.add(str(id_))
        name = self._text(one.get("name", str(id_)), "name")
        self.called = str(id_) if "id" in one else (name.zh if name else "")
        shift = self._number(one, "shift_days", -LONGEST, LONGEST, 0)
        closes = one.get("close_travel")
        if closes is not None and not isinstance(closes, bool):
            self.fault("close_travel", closes, say.NOT_BOOL, say.TRUE_FALSE)
        add: list[Entry] = []
        lift: list[Lift] = []
        for n, entry in enumerate(self._tables(one.get("entries", []), "entries")):
            self.entry = n
            added, lifted = self._entry(entry, everywhere)
            add += added
            lift += lifted
        self.entry = None
        if closes is True:
            add += [self._whole(m, everywhere) for m in JOURNEYS]
        elif closes is False:
            tomorrow = self.tonight + timedelta(days=1)
            lift += [
                Lift(what=m, places=everywhere, start=tomorrow)
                for m in (*JOURNEYS, "hold_arrivals")
            ]
        if len(self.faults) == before and not (add or lift or shift):
            self.fault(None, None, say.CHANGES_NOTHING, say.SAY_WHAT)
        if len(self.faults) > before or name is None:
            return None
        return Choice(
            id=str(id_), name=name, add=tuple(add), lift=tuple(lift), shift_days=int(shift)
        )

    def _whole(self, measure: str, everywhere: tuple[str, ...]) -> Entry:
        tomorrow = self.tonight + timedelta(days=1)
        return Entry(what=measure, places=everywhere, start=tomorrow, until=self.last)

    def _entry(
        self, one: Mapping[str, Any], everywhere: tuple[str, ...], *, past: bool = False
    ) -> tuple[list[Entry], list[Lift]]:
        """Read one entry: measures added, or lifted, in some places for some days."""
        before = len(self.faults)
        self._known(one, ENTRY)
        kinds = [k for k in ("add", "lift") if k in one]
        if len(kinds) != 1:
            self.fault(None, None, say.ADD_OR_LIFT, say.SAY_ONE)
            return [], []
        kind = kinds[0]
        named = self._measures(one[kind], kind)
        places = self._places(one["places"]) if "places" in one else everywhere
        tomorrow = self.tonight + timedelta(days=1)
        start = self._day(one, "from") if "from" in one else tomorrow
        until = self._day(one, "until", after=start) if "until" in one else None
        strength = self._number(one, "strength", 0, 1, 1.0)
        delay = self._number(one, "delay_days", 0.1, 60, 0.0) if "delay_days" in one else None
        if start is not None and not past:
            if start <= self.tonight:
                self.fault("from", start, say.PAST.fill(day=self.tonight), say.PAST_STEP)
            elif start > self.last:
                self.fault("from", start, say.TOO_LATE.fill(day=self.last), say.LONGER)
        if start is not None and until is not None and until < start:
            self.fault("until", until, say.BACKWARDS.fill(day=start), say.CORRECT_DAYS)
        if kind == "lift":
            for key in ("strength", "delay_days"):
                if key in one:
                    self.fault(key, one[key], say.NOT_LIFTED, say.LEAVE_OUT)
        timed = [m for m in named if any(lever.delay for lever in levers().get(m, ()))]
        if delay is not None and kind == "add" and len(timed) < len(named):
            self.fault("delay_days", delay, say.NO_DELAY, say.LEAVE_OUT)
        if len(self.faults) > before or start is None:
            return [], []
        if kind == "lift":
            return [], [Lift(what=m, places=places, start=start, until=until) for m in named]
        laid = [
            Entry(what=m, places=places, start=start, until=until or self.last, strength=strength)
            for m in named
        ]
        return [e if delay is None else replace(e, delay=_delayed(e.what, delay)) for e in laid], []

    def _measures(self, said: Any, kind: str) -> list[str]:
        listed = said if isinstance(said, list) else [said]
        known = _measure_words() | ({EVERYTHING: EVERYTHING} if kind == "lift" else {})
        known |= {} if kind == "lift" else {t: t for t in tiers()}
        found = []
        for word in listed:
            if not isinstance(word, str) or word not in known:
                near = get_close_matches(str(word), known, n=3, cutoff=0.4) or sorted(
                    set(known.values())
                )
                self.fault(kind, word, say.NO_MEASURE, say.ONE_OF.fill(known=", ".join(near)))
            else:
                found.append(known[word])
        if not listed:
            self.fault(kind, "[]", say.EMPTY, say.SAY_WHAT)
        return found

    def _places(self, said: Any) -> tuple[str, ...]:
        listed = said if isinstance(said, list) else [said]
        found = []
        for word in listed:
            try:
                found.append(self.place_of(str(word)))
            except UnknownPlace as unknown:
                text = unknown.text()
                self.fault("places", word, text, say.PLACE_STEP)
        if not listed:
            self.fault("places", "[]", say.EMPTY, say.PLACES_STEP)
        return tuple(found)

    def _day(self, said: Mapping[str, Any], key: str, after: date | None = None) -> date | None:
        value = said[key]
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        word = str(value).strip().lower()
        if word in WEEKDAYS:
            begin = (after or self.tonight) + timedelta(days=1)
            return begin + timedelta(days=(WEEKDAYS[word] - begin.weekday()) % 7)
        try:
            return date.fromisoformat(word)
        except ValueError:
            self.fault(key, value, say.NO_DAY, say.DAY_STEP)
            return None

    def _number(
        self, said: Mapping[str, Any], key: str, low: float, high: float, usual: float
    ) -> float:
        value = said.get(key, usual)
        whole = isinstance(usual, int)
        right = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if right and low <= value <= high:
            return float(value)
        limits = say.WHOLE if whole else say.ANY
        self.fault(key, value, say.NO_NUMBER, limits.fill(low=low, high=high))
        return float(usual)

    def _text(self, value: Any, key: str) -> Text | None:
        if isinstance(value, str) and value.strip():
            return same(value.strip())
        in_both = isinstance(value, dict) and value and set(value) <= {"zh", "en"}
        if in_both and all(isinstance(v, str) and v.strip() for v in value.values()):
            zh, en = value.get("zh"), value.get("en")
            return Text(zh=str(zh or en), en=str(en or zh))
        self.fault(key, value, say.NO_TEXT, say.TEXT_STEP.fill(key=key))
        return None

    def _tables(self, said: Any, key: str) -> list[dict[str, Any]]:
        if isinstance(said, list) and all(isinstance(one, dict) for one in said):
            return said
        self.fault(key, said, say.NO_TABLES, say.TABLES_STEP.fill(key=key))
        return []

    def _known(self, said: Mapping[str, Any], keys: Sequence[str]) -> None:
        for key in said:
            if key not in keys:
                near = get_close_matches(key, keys, n=1) or keys
                self.fault(key, None, say.NO_KEY, say.ONE_OF.fill(known=", ".join(near)))


def _measure_words() -> dict[str, str]:
    """Give the measures of the library by id and by name in both languages."""
    return {w: m.id for m in measures().values() for w in (m.id, m.name.zh, m.name.en)}


def _delayed(measure: str, days: float) -> Gamma:
    """Give a delay of a mean, as spread out in proportion as the library's."""
    usual = next(lv.delay for lv in levers()[measure] if isinstance(lv.delay, Gamma))
    return Gamma(mean=days, sd=usual.sd * days / usual.mean)
