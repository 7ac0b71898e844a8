"""Puts the parts together into the order of the day."""

import hashlib

from tongchou.morning.ahead import look_at_dates
from tongchou.morning.annexes.build import build_annexes
from tongchou.morning.board import curve_of, gap_line, tier_board, yesterday_of
from tongchou.morning.evidence import parameter_line
from tongchou.morning.figures import strip
from tongchou.morning.gaps import OpenGap
from tongchou.morning.head import correction_sentences, head_of
from tongchou.morning.headline import headline
from tongchou.morning.learn import Lesson, Receipts
from tongchou.morning.order import (
    Decision,
    Order,
    SignOff,
)
from tongchou.morning.outlook import Outlook
from tongchou.morning.picture import Picture
from tongchou.morning.solve import Plan
from tongchou.version import __version__
from tongchou.vocabulary.parameter import parameter
from tongchou.vocabulary.text import Text


def compose(
    picture: Picture,
    outlook: Outlook,
    plan: Plan,
    gaps: tuple[OpenGap, ...],
    decisions: tuple[Decision, ...],
    further: int,
    lesson: Lesson,
    seed: int,
    receipts: Receipts | None = None,
) -> Order:
    """Give the whole order; see :mod:`tongchou.morning.order`."""
    figures = strip(picture)
    tiers = tier_board(picture)
    curve = curve_of(picture, outlook, lesson)
    shown_gaps = tuple(gap_line(picture, g) for g in gaps)
    yesterday = yesterday_of(picture, lesson, receipts)
    held = [
        *(f.evidence for f in figures),
        tiers.evidence,
        curve.evidence,
        *(g.evidence for g in shown_gaps),
        *(d.evidence for d in decisions),
        yesterday.evidence,
    ]
    return Order(
        head=head_of(picture),
        headline=headline(picture, outlook, decisions, further),
        figures=figures,
        tiers=tiers,
        curve=curve,
        gaps=shown_gaps,
        decisions=decisions,
        ahead=look_at_dates(picture, outlook, plan),
        yesterday=yesterday,
        signoff=sign_off(picture, seed, receipts, outlook.calibration),
        annexes=build_annexes(picture, outlook, plan, decisions, figures, shown_gaps),
        corrections=correction_sentences(picture),
        evidence={e.id: e for e in held if e is not None},
        names=picture.scope.names,
    )


def sign_off(
    picture: Picture,
    seed: int,
    receipts: Receipts | None = None,
    calibration: str | None = None,
) -> SignOff:
    """Give the block that lets anyone make the same document again."""
    origin = picture.situation.origin
    inputs = dict(sorted(origin.digests.items()))
    if receipts is not None:
        inputs["receipts"] = receipts.digest
    if calibration is not None:
        inputs["calibration"] = calibration
    stamp = "\n".join(
        [
            f"tongchou {__version__}",
            f"pack {origin.pack}",
            f"cut {picture.situation.cut}",
            f"place {picture.scope.place}",
            f"seed {seed}",
            *(f"{k} {v}" for k, v in inputs.items()),
        ]
    )
    handover = list(receipts.handover) if receipts is not None else []
    if not picture.quality.silent.is_empty():
        handover.append(
            Text(zh="{n} 个单位待补报。", en="Units still to report: {n}.").fill(
                n=picture.quality.silent.height
            )
        )
    if picture.quality.missing:
        handover.append(
            Text(
                zh="{n} 张数据表缺失，相应数字标为无数据。",
                en="Tables missing: {n}; their figures say no data.",
            ).fill(n=len(picture.quality.missing))
        )
    return SignOff(
        digest=hashlib.sha256(stamp.encode()).hexdigest(),
        inputs=inputs,
        version=__version__,
        seed=seed,
        pack=origin.pack,
        parameters=tuple(
            parameter_line(p)
            for p in (
                picture.serial_interval,
                parameter("onset_to_death_mean", population="China"),
                parameter("reproduction_window"),
            )
        ),
        handover=tuple(handover),
    )
