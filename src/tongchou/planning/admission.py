"""Every confirmed patient a bed, or a person who decides: the assignment never ends in "no".

The rules are rows of ``reference/planning/admission_rules.csv``: which kind of facility takes
which class at which age, in which bed, and how far one goes rather than use it. On 13 February
2020 an 82-year-old mild case was refused by a Fangcang hospital for age and by full hospitals for
want of a bed (Caixin); here such a patient gets a bed elsewhere or an escalation with its reason.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from tongchou.planning.beds import BEDS
from tongchou.planning.transport import Unmet, least_cost_flow
from tongchou.vocabulary.distance import great_circle_km
from tongchou.vocabulary.fact_table import assumption, packaged
from tongchou.vocabulary.text import Text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionRule:
    """One row: a kind of facility takes a clinical class, within ages, in a class of bed."""

    kind: str
    clinical: str
    bed: str
    age_min: int
    age_max: int
    detour_km: float
    wording: Text

    def admits(self, kind: str, clinical: str, age: int | None) -> bool:
        """Whether this rule opens this kind of facility to this patient.

        An age that is not known passes only a rule that asks for none (0 to 120).
        """
        if (kind, clinical) != (self.kind, self.clinical):
            return False
        if age is None:
            return self.age_min <= 0 and self.age_max >= 120
        return self.age_min <= age <= self.age_max


def admission_rules() -> tuple[AdmissionRule, ...]:
    """Give the rules of the packaged table.

    >>> admission_rules()[0].admits("fangcang", "mild", 65), admission_rules()[0].admits("fangcang", "mild", 82)
    (True, False)
    """
    return tuple(
        AdmissionRule(
            kind=row["kind"],
            clinical=row["class"],
            bed=row["bed"],
            age_min=row["age_min"],
            age_max=row["age_max"],
            detour_km=row["detour_km"],
            wording=Text(zh=row["zh"], en=row["en"]),
        )
        for row in packaged("planning/admission_rules").iter_rows(named=True)
    )


def waiting_patients(cases: pl.DataFrame, cut: date) -> pl.DataFrame:
    """Give the confirmed patients who are in no bed: confirmed minus admitted (M045).

    The class is the gravest milestone reached. Those recovered, dead or excluded wait no longer.

    Parameters
    ----------
    cases
        Table `cases` as known at the cut-off.
    cut
        Cut-off.

    Returns
    -------
    DataFrame
        case_id, place, age, class, confirmed_on, waiting_days; longest wait first.
    """
    open_case = pl.all_horizontal(
        pl.col("admitted_on", "recovered_on", "died_on", "excluded_on").is_null()
    )
    return (
        cases.filter(pl.col("confirmed_on").is_not_null() & open_case)
        .select(
            "case_id",
            "place",
            "age",
            pl.when(pl.col("critical_on").is_not_null())
            .then(pl.lit("critical"))
            .when(pl.col("severe_on").is_not_null())
            .then(pl.lit("severe"))
            .otherwise(pl.lit("mild"))
            .alias("class"),
            "confirmed_on",
            (pl.lit(cut) - pl.col("confirmed_on")).dt.total_days().alias("waiting_days"),
        )
        .sort(["waiting_days", "case_id"], descending=[True, False])
    )


ADMIT = Text(
    zh="{rule}；距离约 {km} 公里。",
    en="Under the rule: {rule}. About {km} km away.",
)
ADMIT_UNMEASURED = Text(zh="{rule}；距离未知。", en="Under the rule: {rule}. Distance not known.")
NO_BED = Text(
    zh="各地合乎规则的机构均无空床，请指挥员增开床位或跨区协调。",
    en="No facility that the rules allow has a free bed anywhere; the commander is to open beds or arrange a transfer beyond the area.",
)
TOO_FAR = Text(
    zh="{reach} 公里以内没有合乎规则的空床；最近的一处约在 {km} 公里外，请指挥员决定是否远程转运。",
    en="No bed that the rules allow is free within {reach} km; the nearest is about {km} km away. The commander is to decide on a long transfer.",
)
TAKEN = Text(
    zh="{reach} 公里以内合乎规则的空床已全部分给病情更重或等待更久的患者，请指挥员增开床位。",
    en="All free beds that the rules allow within {reach} km go to patients more gravely ill or waiting longer; the commander is to open beds.",
)
UNMEASURED = Text(
    zh="合乎规则的空床所在位置没有坐标，无法判断远近，请指挥员决定。",
    en="The free beds that the rules allow have no known position, so how far they are cannot be told; the commander is to decide.",
)


def assign(
    patients: pl.DataFrame, free: pl.DataFrame, places: pl.DataFrame, reach_km: float | None = None
) -> pl.DataFrame:
    """Give every waiting patient a bed, or an escalation with its reason.

    A transport problem: as few as possible stay without a bed, the gravest class and then the
    longest wait first; then least kilometres, each rule's detour added. Beds of a place are within
    reach of its own patients whatever the coordinates say.

    Parameters
    ----------
    patients
        case_id, place, age, class, waiting_days; see :func:`waiting_patients`.
    free
        Result of :func:`tongchou.planning.beds.free_beds`.
    places
        place, longitude, latitude (degrees).
    reach_km
        Farthest transfer proposed without a decision, km; by default the packaged assumption.

    Returns
    -------
    DataFrame
        One row for each patient: case_id, place, age, class, waiting_days, outcome (``admit`` or
        ``escalate``), facility_id, bed, distance_km, reason_zh, reason_en. For an escalation
        facility_id, bed and distance_km are those of the nearest free bed that the rules allow,
        if there is one.
    """
    reach = assumption("planning", "reach_km") if reach_km is None else reach_km
    rules = admission_rules()
    people = patients.sort(["waiting_days", "case_id"], descending=[True, False])
    wards = _wards(free)
    groups = _groups(people, wards, rules, places, reach)
    beds = _share_out(groups, wards, rules)
    rows: list[tuple[object, ...]] = [()] * len(people)
    for group, given in zip(groups, beds, strict=True):
        turned_away = group.escalation(wards, reach)
        for n, patient in enumerate(group.members):
            rows[patient] = (
                group.admission(wards, rules, given[n]) if n < len(given) else turned_away
            )
    keep = people.select("case_id", "place", "age", "class", "waiting_days")
    return keep.hstack(pl.DataFrame(rows, schema=OUTCOME, orient="row"))


OUTCOME = {
    "outcome": pl.Utf8,
    "facility_id": pl.Utf8,
    "bed": pl.Utf8,
    "distance_km": pl.Float64,
    "reason_zh": pl.Utf8,
    "reason_en": pl.Utf8,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Patients alike in place, class and in the rules open to them; longest wait first.

    ``points`` is what each of them counts if left without a bed, never rising from one member to
    the next; ``km`` is the distance to each ward (NaN unknown), ``rule`` the cheapest rule that opens it (−1
    none), ``near`` whether it may be used without a decision.
    """

    members: list[int]
    points: list[float]
    km: Floats
    rule: Ints
    near: npt.NDArray[np.bool_]

    def admission(
        self, wards: pl.DataFrame, rules: tuple[AdmissionRule, ...], ward: int
    ) -> tuple[object, ...]:
        wording, km = rules[self.rule[ward]].wording, float(self.km[ward])
        if np.isnan(km):
            text = ADMIT_UNMEASURED.fill(rule=wording)
            return "admit", wards["facility_id"][ward], wards["bed"][ward], None, text.zh, text.en
        text = ADMIT.fill(rule=wording, km=round(km))
        return "admit", wards["facility_id"][ward], wards["bed"][ward], km, text.zh, text.en

    def escalation(self, wards: pl.DataFrame, reach: float) -> tuple[object, ...]:
        allowed = np.flatnonzero(self.rule >= 0)
        measured = allowed[~np.isnan(self.km[allowed])]
        if allowed.size == 0:
            return "escalate", None, None, None, NO_BED.zh, NO_BED.en
        if self.near.any():
            text = TAKEN.fill(reach=round(reach))
            return "escalate", None, None, None, text.zh, text.en
        if measured.size == 0:
            return "escalate", None, None, None, UNMEASURED.zh, UNMEASURED.en
        best = int(measured[self.km[measured].argmin()])
        km = float(self.km[best])
        text = TOO_FAR.fill(reach=round(reach), km=round(km))
        return "escalate", wards["facility_id"][best], wards["bed"][best], km, text.zh, text.en


def _wards(free: pl.DataFrame) -> pl.DataFrame:
    """Give one row for each facility and class of bed that has a free bed."""
    columns = ["facility_id", "place", "kind", "longitude", "latitude"]
    parts = [
        free.select(*columns, bed=pl.lit(bed), free=pl.col(f"free_{bed}")).filter(
            pl.col("free") > 0
        )
        for bed in BEDS
    ]
    return pl.concat(parts).sort("facility_id", "bed")


def _groups(
    people: pl.DataFrame,
    wards: pl.DataFrame,
    rules: tuple[AdmissionRule, ...],
    places: pl.DataFrame,
    reach: float,
) -> list[_Group]:
    """Put patients together who have the same claim, so that the problem stays small."""
    cap = assumption("planning", "waiting_cap_days")
    members: dict[tuple[str, str, bytes], list[int]] = {}
    wait = people["waiting_days"].cast(pl.Float64).clip(0.0, cap).to_list()
    opened: dict[tuple[str, int | None], bytes] = {}
    signatures: dict[bytes, Ints] = {}
    for n, (place, clinical, age) in enumerate(people.select("place", "class", "age").rows()):
        if (clinical, age) not in opened:
            rule = _open_wards(clinical, age, wards, rules)
            opened[clinical, age] = rule.tobytes()
            signatures[rule.tobytes()] = rule
        members.setdefault((place, clinical, opened[clinical, age]), []).append(n)
    codes = pl.Series(sorted({key[0] for key in members}), dtype=pl.Utf8)
    km = dict(zip(codes, _kilometres(codes, wards, places), strict=True))
    home = wards["place"].to_numpy()
    return [
        _Group(
            members=who,
            points=[assumption("planning", f"class_weight_{clinical}") + wait[n] for n in who],
            km=km[place],
            rule=(rule := signatures[signature]),
            near=(rule >= 0) & ((km[place] <= reach) | (home == place)),
        )
        for (place, clinical, signature), who in members.items()
    ]


def _open_wards(
    clinical: str, age: int | None, wards: pl.DataFrame, rules: tuple[AdmissionRule, ...]
) -> Ints:
    """Give for each ward the rule of least detour that opens it to such a patient, −1 for none."""
    least: dict[tuple[str, str], int] = {}
    for n, rule in sorted(enumerate(rules), key=lambda pair: -pair[1].detour_km):
        if rule.admits(rule.kind, clinical, age):
            least[rule.kind, rule.bed] = n
    found = [least.get(ward, -1) for ward in wards.select("kind", "bed").rows()]
    return np.array(found, dtype=np.int64)


def _kilometres(codes: pl.Series, wards: pl.DataFrame, places: pl.DataFrame) -> Floats:
    where = {p: (x, y) for p, x, y in places.select("place", "longitude", "latitude").rows()}
    start = np.array([where.get(p, (None, None)) for p in codes], dtype=float).reshape(-1, 2)
    end = wards.select("longitude", "latitude").cast(pl.Float64).to_numpy()
    return great_circle_km(start[:, None, 0], start[:, None, 1], end[None, :, 0], end[None, :, 1])


def _share_out(
    groups: list[_Group], wards: pl.DataFrame, rules: tuple[AdmissionRule, ...]
) -> list[list[int]]:
    """Solve, and give for each group the wards its first members go to, nearest first."""
    arcs = [np.flatnonzero(group.near) for group in groups]
    detour = np.array([rule.detour_km for rule in rules])
    cost = [
        np.nan_to_num(g.km[wards_near], nan=0.0) + detour[g.rule[wards_near]]
        for g, wards_near in zip(groups, arcs, strict=True)
    ]
    waits = [np.unique(g.points, return_counts=True) for g in groups]
    flow = least_cost_flow(
        wards["free"].to_numpy().astype(np.int64),
        np.concatenate([*arcs, np.array([], dtype=np.int64)]),
        np.repeat(np.arange(len(groups)), [len(a) for a in arcs]),
        np.concatenate([*cost, np.array([])]),
        Unmet(
            destination=np.repeat(np.arange(len(groups)), [len(p) for p, _ in waits]),
            limit=np.concatenate([np.array([], dtype=np.int64), *(n for _, n in waits)]),
            points=np.concatenate([np.array([]), *(p for p, _ in waits)]),
        ),
    )
    ends = np.cumsum([0, *(len(a) for a in arcs)])
    beds = []
    for n, near in enumerate(arcs):
        mine, order = flow[ends[n] : ends[n + 1]], np.argsort(cost[n], kind="stable")
        beds.append(np.repeat(near[order], mine[order]).tolist())
    return beds
