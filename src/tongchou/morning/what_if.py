"""What if: a question put to the engine from tonight's picture, options compared on the same futures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl

from tongchou.morning.picture import Picture
from tongchou.morning.projection import model_of
from tongchou.morning.proposals.weighing import ALWAYS, assumed_levers
from tongchou.morning.scope import Scope
from tongchou.scenario import measures as library
from tongchou.scenario.choices import JOURNEYS, Choice, Lift
from tongchou.scenario.comparison import Comparison, compare_options
from tongchou.scenario.question import EFFECTS, Question, read_question
from tongchou.situation.situation import Situation
from tongchou.transmission.metapopulation.block import Mode
from tongchou.transmission.metapopulation.disease import disease
from tongchou.transmission.metapopulation.entries import Entry, recorded_entries
from tongchou.transmission.metapopulation.model import Model
from tongchou.vocabulary.errors import UnknownPlace
from tongchou.vocabulary.text import Text, count, join

USUAL_DAYS = 60

Members = Mapping[str, Sequence[str]]
"""Units in each place of a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question ready to be answered: what is in force beside it, and what was assumed for that."""

    question: Question
    in_force: tuple[Entry, ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A question answered.

    Attributes
    ----------
    shown
        Codes told, the whole area first, then the places that the question names.
    notes
        What was assumed or left out.
    """

    question: Question
    comparison: Comparison
    names: Mapping[str, Text]
    shown: tuple[str, ...]
    notes: tuple[Text, ...]


def example() -> str:
    """Give a question file with comments, as it may be copied and changed."""
    return (files("tongchou.reference") / "scenario/question.toml").read_text(encoding="utf-8")


def prepare(
    picture: Picture,
    text: str | None,
    file: str,
    *,
    recorded: Callable[[date], Situation],
    horizon: int | None = None,
    effect: str | None = None,
    members: Members | None = None,
) -> Asked:
    """Read a question, or take the packaged options where there is none, and what is in force.

    Parameters
    ----------
    text, file
        What the file holds, and its name; None for the packaged options.
    recorded
        Gives what was known on a day: measures are read as of the night, or as of the later day
        that the question names.
    horizon, effect
        In the place of those of the file.
    members
        Units in each place of the model, where its places are not the units themselves.
    """
    units = _codes(picture.scope, members or {u: (u,) for u in picture.scope.units})
    cut = picture.situation.cut
    if text is None:
        days = horizon or USUAL_DAYS
        in_force, notes = standing_measures(picture.scope, picture.situation, days, units)
        question = usual_question(picture, in_force, days)
    else:
        question = read(text, file, picture, units, horizon)
        until = max(question.recorded_until or cut, cut)
        situation = picture.situation if until == cut else recorded(until)
        in_force, notes = standing_measures(picture.scope, situation, question.horizon, units)
    if effect is not None:
        question = replace(question, effect=EFFECTS[effect])
    return Asked(question=question, in_force=in_force, notes=notes)


def read(
    text: str,
    file: str,
    picture: Picture,
    units: Mapping[str, Sequence[str]],
    horizon: int | None = None,
) -> Question:
    """Read a question about the area of a picture: see :func:`tongchou.scenario.question.read_question`.

    ``units`` are the places of the model by code, for each of them and every area above it.
    """
    scope = picture.scope

    def place_of(word: str) -> str:
        gazetteer = picture.situation.gazetteer
        found = [word] if word in gazetteer else [p.code for p in gazetteer.find(word)]
        inside = [c for c in found if c in units and (c in scope.members or c == scope.place)]
        if inside:
            return inside[0]
        inner = [a.code for c in found if c in scope.members for a in gazetteer.ancestors(c)]
        above = [c for c in inner if c in units and c in scope.members]
        raise UnknownPlace(word, next_step=_outside(scope, above))

    return read_question(
        text,
        file,
        tonight=picture.situation.cut,
        place_of=place_of,
        everywhere=(scope.place,),
        horizon=horizon,
    )


def usual_question(picture: Picture, in_force: Iterable[Entry], horizon: int) -> Question:
    """Give the packaged options that would change something, each in the whole area from tomorrow on."""
    tonight = picture.situation.cut
    tomorrow, last = tonight + timedelta(days=1), tonight + timedelta(days=horizon)
    everywhere = (picture.scope.place,)
    standing = {m for e in in_force if e.start <= tonight <= e.last for m in e.measures}
    choices = [
        Choice(
            id=o.id,
            name=o.name,
            add=tuple(Entry(what=m, places=everywhere, start=tomorrow, until=last) for m in o.add),
            lift=tuple(Lift(what=m, places=everywhere, start=tomorrow) for m in o.lift),
        )
        for o in library.options(standing)
        if o.id != library.KEEP
    ]
    return Question(
        title=_USUAL,
        horizon=horizon,
        disease="covid2020",
        effect="value",
        recorded_until=None,
        in_force=(),
        choices=tuple(choices),
    )


def standing_measures(
    scope: Scope, recorded: Situation, horizon: int, units: Mapping[str, Sequence[str]]
) -> tuple[tuple[Entry, ...], tuple[Text, ...]]:
    """Give what is in force or known to come, and what was assumed for it.

    What has no end goes on to the end of the horizon: "keep" keeps it. Cases are isolated and contacts
    traced everywhere, for the law says so.
    """
    last = recorded.cut + timedelta(days=horizon)
    law = [
        Entry(what=m, places=(scope.place,), start=date(1900, 1, 1), until=last)
        for m in sorted(ALWAYS)
    ]
    if not recorded.has("measures"):
        return tuple(law), (_NO_RECORD, assumed_levers(ALWAYS))
    table = recorded.table("measures")
    entries, notes = recorded_entries(table, recorded.cut, review_days=horizon)
    inside = [e for e in entries if all(p in units for p in e.places)]
    below = [e for e in entries if all(p in scope.members and p not in units for p in e.places)]
    told = [*notes, assumed_levers(ALWAYS)]
    if below:
        told.append(_FINER.fill(n=count(len(below))))
    return (*law, *inside), tuple(told)


def answer(
    picture: Picture,
    question: Question,
    *,
    in_force: Sequence[Entry],
    model: Model | None = None,
    members: Members | None = None,
    notes: Sequence[Text] = (),
    replicates: int = 200,
    seed: int = 1,
    mode: Mode = "exact",
    threads: int = 1,
    scheduler: str | None = None,
    keep: Path | None = None,
    told: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Answer:
    """Answer a question from tonight's picture.

    Parameters
    ----------
    picture
        From :func:`tongchou.morning.picture.assess`.
    question
        From :func:`read` or :func:`usual_question`.
    in_force
        From :func:`standing_measures`; what the question adds to it comes with the question.
    model
        The days ahead, from a calibration; by default started from the reports, by
        :func:`tongchou.morning.projection.model_of`.
    members
        Units in each place of such a model, where its places are not the units themselves.
    notes
        What was assumed before.
    replicates, seed, mode, threads, scheduler, keep, told, stop
        See :func:`tongchou.scenario.comparison.compare_options`.
    """
    scope = picture.scope
    said: list[Text] = [*notes]
    if model is None:
        model, more = model_of(
            picture, horizon=question.horizon, seed=seed, ill_with=question.disease
        )
        said += more
    inside = members or {p: (p,) for p in model.places}
    units = _codes(scope, inside)
    standing = (*in_force, *question.in_force)
    named = [p for c in question.choices for _, where in _changes(c) for p in where]
    told_of = list(dict.fromkeys([scope.place, *named]))
    compared = compare_options(
        model,
        question.choices,
        in_force=standing,
        places=_places(picture.situation, model, inside),
        illness=disease(question.disease),
        units=units,
        rows={p: units[p] for p in dict.fromkeys([*told_of, *scope.areas]) if units.get(p)},
        replicates=replicates,
        seed=seed,
        mode=mode,
        end=question.effect,
        threads=threads,
        scheduler=scheduler,
        keep=keep,
        told=told,
        stop=stop,
    )
    said += _said(question, model, compared)
    return Answer(
        question=question,
        comparison=compared,
        names=scope.names,
        shown=tuple(told_of),
        notes=tuple(said),
    )


def table(found: Answer) -> pl.DataFrame:
    """Give an answer as rows: option, name_zh, name_en, place, outcome, unit, and its numbers."""
    names = pl.DataFrame(
        {
            "option": [c.id for c in found.comparison.choices],
            "name_zh": [c.name.zh for c in found.comparison.choices],
            "name_en": [c.name.en for c in found.comparison.choices],
        }
    )
    rows = found.comparison.outcomes.join(names, on="option", how="left", maintain_order="left")
    first = ["option", "name_zh", "name_en"]
    return rows.select(*first, *(c for c in rows.columns if c not in first))


def daily(found: Answer) -> pl.DataFrame:
    """Give the days of an answer: option, place, date, variable, q025, q25, median, q75, q975."""
    cube = found.comparison.daily
    labels = ("option", "variable", "place", "date")
    long = cube.rename("value").to_dataset("quantile").to_dataframe().reset_index()
    names = dict(
        zip(cube["quantile"].values, ("q025", "q25", "median", "q75", "q975"), strict=True)
    )
    frame = pl.DataFrame({str(names.get(c, c)): long[c].to_numpy() for c in long.columns})
    return frame.with_columns(pl.col("date").cast(pl.Date)).select(*labels, *names.values())


def _codes(scope: Scope, members: Members) -> dict[str, list[str]]:
    """Give the places of a model by code: for each of them and every area that holds all of its units."""
    found: dict[str, list[str]] = {}
    for place, units in members.items():
        lines = [{u, *scope.ancestors.get(u, ())} for u in units]
        for code in {place} | (set.intersection(*lines) if lines else set()):
            found.setdefault(code, []).append(place)
    return found


def _places(situation: Situation, model: Model, members: Members) -> pl.DataFrame:
    product: dict[str, float] = {}
    if situation.has("places"):
        rows = situation.table("places").filter(pl.col("gross_product").is_not_null())
        product = dict(rows.select("place", "gross_product").iter_rows())
    known = [[product.get(u) for u in members[p]] for p in model.places]
    return pl.DataFrame(
        {
            "place": list(model.places),
            "population": model.people,
            "gross_product": [
                None if any(g is None for g in each) else sum(g for g in each if g is not None)
                for each in known
            ],
        },
        schema={"place": pl.String, "population": pl.Float64, "gross_product": pl.Float64},
    )


def _said(question: Question, model: Model, compared: Comparison) -> list[Text]:
    said = [_BANDS, _WITHIN]
    moved = {what for c in question.choices for what, _ in _changes(c)}
    if moved & {*JOURNEYS, "hold_arrivals"} and not len(model.travel.share):
        said.append(_NO_JOURNEYS)
    idle = [
        c.name
        for c in compared.choices[1:]
        if bool(
            np.array_equal(
                compared.totals.sel(option=c.id).values,
                compared.totals.isel(option=0).values,
                equal_nan=True,
            )
        )
    ]
    if idle:
        said.append(_IDLE.fill(names=join(idle)))
    return said


def _changes(choice: Choice) -> list[tuple[str, tuple[str, ...]]]:
    """Give what a choice adds and lifts, and where."""
    return [*((e.what, e.places) for e in choice.add), *((x.what, x.places) for x in choice.lift)]


def _outside(scope: Scope, above: Sequence[str]) -> Text:
    if above:
        return _COARSER.fill(name=scope.names.get(above[0], above[0]), code=above[0])
    return _OUTSIDE.fill(name=scope.name)


_USUAL = Text(zh="措施方案比较", en="Packages of measures compared")
_NO_RECORD = Text(
    zh="数据中没有措施记录；现行措施请写在问题文件的 in_force 中。",
    en="no measures are on record; say in the question, under in_force, what is in force.",
)
_FINER = Text(
    zh="{n} 条措施记录所在地区比推演的单位更细，未计入。",
    en="{n} recorded measures are of places finer than those of the model and are left out.",
)
_BANDS = Text(
    zh="区间含抽样与再生数走势的不确定；不含措施作用的不确定，请以 effect = strongest 与 weakest 各算一次。",
    en="bands hold chance and the path of R, not what is unknown of the measures' effects: ask again with effect strongest and weakest.",
)
_WITHIN = Text(
    zh="死亡与床位只计推演期内；期末前两三周感染者的结局落在期外。",
    en="deaths and beds are those within the horizon: of who is infected in its last weeks they come after it.",
)
_NO_JOURNEYS = Text(
    zh="没有地区间流动人数，关闭或开放出行在此不起作用。",
    en="no persons between places are known: closing or opening journeys changes nothing here.",
)
_IDLE = Text(
    zh="与维持现状毫无差别的方案：{names}。请核对其措施是否已生效，或本来就没有生效。",
    en="these options differ by nothing from keeping what is in force: {names}. Look whether their measures are in force already, or never were.",
)
_COARSER = Text(
    zh="推演以上级地区为单位：请写{name}（{code}）。",
    en="The model knows it as part of {name} only: write {code}.",
)
_OUTSIDE = Text(
    zh="不在推演范围“{name}”内，或那里没有报告单位。",
    en="It lies outside the area asked about, {name}, or nothing in it reports.",
)
