"""The ledger of work: which state follows which, by whose hand, and what it needs.

One pattern for all work handed out (M003, M005, M014, M108): the task under an objective, the
receipt of a directive, the corrective action after a finding::

    new → accepted → doing → done → verified
      ↘ refused (reason)  ↘ blocked (reason, raised one level)   done → doing (reopened, reason)

The owner moves work on; the issuer, or a level above, verifies, reopens, sends again, withdraws.
What is blocked is held by the level it was raised to, which gives it back with what was missing;
what is late is raised by the clock, and that level urges it on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from tongchou.station.desk.lists import Tone
from tongchou.vocabulary.text import Text


class State(StrEnum):
    """Where work stands."""

    NEW = "new"
    ACCEPTED = "accepted"
    DOING = "doing"
    DONE = "done"
    VERIFIED = "verified"
    REFUSED = "refused"
    BLOCKED = "blocked"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


STATE_NAMES: Mapping[str, Text] = MappingProxyType(
    {
        "new": Text(zh="待签收", en="new"),
        "accepted": Text(zh="已签收", en="accepted"),
        "doing": Text(zh="办理中", en="under way"),
        "done": Text(zh="已办结，待核实", en="done, to verify"),
        "verified": Text(zh="已核实", en="verified"),
        "refused": Text(zh="已退回", en="refused"),
        "blocked": Text(zh="受阻，已上报", en="blocked, raised"),
        "withdrawn": Text(zh="已撤回", en="withdrawn"),
        "lapsed": Text(zh="已失效", en="lapsed"),
    }
)
TONES: Mapping[str, Tone] = MappingProxyType(
    {
        "new": "info",
        "accepted": "info",
        "doing": "info",
        "done": "warn",
        "verified": "good",
        "refused": "bad",
        "blocked": "bad",
        "withdrawn": "neutral",
        "lapsed": "neutral",
    }
)

OPEN = frozenset({State.NEW, State.ACCEPTED, State.DOING, State.BLOCKED})
"""States in which the clock runs."""
WAITING = frozenset({State.DONE, State.REFUSED})
"""States in which the issuer has the word."""
CLOSED = frozenset({State.VERIFIED, State.WITHDRAWN, State.LAPSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One way from state to state.

    Parameters
    ----------
    by
        ``owner``, ``issuer`` or ``holder`` (the level that blocked or late work was raised to).
    ends
        State it ends in; None where it stays as it is.
    reason, evidence
        Whether it needs a reason in words, or evidence of the result.
    """

    name: str
    label: Text
    by: str
    starts: frozenset[State]
    ends: State | None
    reason: bool = False
    evidence: bool = False


def _move(name: str, label: Text, by: str, starts: str, ends: State | None, **needs: bool) -> Move:
    return Move(
        name=name,
        label=label,
        by=by,
        starts=frozenset(State(s) for s in starts.split()),
        ends=ends,
        **needs,
    )


MOVES: Mapping[str, Move] = MappingProxyType(
    {
        m.name: m
        for m in (
            _move("accept", Text(zh="签收", en="Accept"), "owner", "new", State.ACCEPTED),
            _move("start", Text(zh="开始办理", en="Start"), "owner", "new accepted", State.DOING),
            _move(
                "finish",
                Text(zh="办结并附证据", en="Done, with evidence"),
                "owner",
                "accepted doing",
                State.DONE,
                evidence=True,
            ),
            _move(
                "refuse",
                Text(zh="退回并说明理由", en="Refuse, with reason"),
                "owner",
                "new accepted doing",
                State.REFUSED,
                reason=True,
            ),
            _move(
                "block",
                Text(zh="本级办不了，上报上一级", en="Cannot be done here: raise one level"),
                "owner",
                "new accepted doing",
                State.BLOCKED,
                reason=True,
            ),
            _move(
                "raise_further",
                Text(zh="再上报一级", en="Raise one level further"),
                "holder",
                "blocked",
                State.BLOCKED,
                reason=True,
            ),
            _move(
                "unblock",
                Text(zh="已解决障碍，退还承办单位", en="Obstacle removed: give it back"),
                "holder",
                "blocked",
                State.ACCEPTED,
                reason=True,
            ),
            _move(
                "urge",
                Text(zh="督办：说明要求，交回承办单位", en="Urge: say what is asked, give it back"),
                "holder",
                "new accepted doing",
                None,
                reason=True,
            ),
            _move("verify", Text(zh="核实办结", en="Verify"), "issuer", "done", State.VERIFIED),
            _move(
                "reopen",
                Text(zh="退回重办", en="Reopen"),
                "issuer",
                "done verified",
                State.DOING,
                reason=True,
            ),
            _move(
                "send_again",
                Text(zh="重新下达", en="Send again"),
                "issuer",
                "refused",
                State.NEW,
                reason=True,
            ),
            _move(
                "withdraw",
                Text(zh="撤回", en="Withdraw"),
                "issuer",
                "new accepted doing refused blocked",
                State.WITHDRAWN,
                reason=True,
            ),
        )
    }
)


def moves_from(state: str, hands: frozenset[str]) -> tuple[Move, ...]:
    """Give the moves that these hands may make from a state.

    >>> [m.name for m in moves_from("new", frozenset({"owner"}))]
    ['accept', 'start', 'refuse', 'block']
    >>> [m.name for m in moves_from("done", frozenset({"owner"}))]
    []
    """
    return tuple(m for m in MOVES.values() if state in m.starts and m.by in hands)


def is_late(state: str, due: datetime | None, now: datetime) -> bool:
    """Say whether open work is past its due time."""
    return state in OPEN and due is not None and now > due


def raise_due(
    state: str, due: datetime | None, raised: datetime | None, now: datetime, wait: timedelta
) -> bool:
    """Say whether late work is to be raised one level now.

    It is raised when it falls due, and again each time ``wait`` has passed without movement: a
    job that runs twice in that time raises once.
    """
    return is_late(state, due, now) and (raised is None or now - raised >= wait)


def one_up(path: str) -> str | None:
    """Give the path one level up; None above the nation.

    >>> one_up("100000/420000/420100/"), one_up("100000/")
    ('100000/420000/', None)
    """
    above = path.rstrip("/").rpartition("/")[0]
    return f"{above}/" if above else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How work was closed: shares are of what fell due, None where nothing has (M108)."""

    total: int
    open: int
    late: int
    closed: int
    closed_on_time: int
    fell_due: int
    reopened: int

    @property
    def on_time_share(self) -> float | None:
        """Share of what fell due that was done by its due time."""
        return self.closed_on_time / self.fell_due if self.fell_due else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a tally needs of one piece of work."""

    state: str
    due: datetime | None
    done_at: datetime | None
    reopened: int


def tally(lines: list[Line], now: datetime) -> Tally:
    """Count work by how it was closed; what was withdrawn or lapsed counts on neither side."""
    counted = [x for x in lines if x.state not in (State.WITHDRAWN, State.LAPSED)]
    fell = [x for x in counted if x.due is not None and (x.due <= now or x.done_at is not None)]
    return Tally(
        total=len(counted),
        open=sum(x.state in OPEN for x in counted),
        late=sum(is_late(x.state, x.due, now) for x in counted),
        closed=sum(x.state == State.VERIFIED for x in counted),
        closed_on_time=sum(
            x.done_at is not None and x.due is not None and x.done_at <= x.due for x in fell
        ),
        fell_due=len(fell),
        reopened=sum(x.reopened > 0 for x in counted),
    )
