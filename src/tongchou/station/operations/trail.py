"""The end of the audit trail, for a look that takes no time; all of it is ``audit.chain.verify``."""

import hashlib

from tongchou.station.access.context import system
from tongchou.station.audit.chain import GENESIS, Anchor, Verdict, text_of, verify
from tongchou.station.audit.models import Entry, Head


def verify_end(last: int | None) -> Verdict:
    """Say whether the last entries are bound to each other and to the head; all of them for None."""
    if last is None:
        return verify()
    with system("look at the end of the audit trail"):
        head = Head.objects.get(pk=1)
        first = max(1, head.seq - last + 1)
        before = Entry.objects.filter(seq=first - 1).values_list("hash", flat=True).first()
        previous, number, count = before or GENESIS, first, 0
        for entry in Entry.objects.filter(seq__gte=first).order_by("seq").iterator(chunk_size=500):
            made = hashlib.sha256(text_of(entry)).hexdigest()
            if (entry.seq, entry.previous, entry.hash) != (number, previous, made):
                return _broken(count, head, entry.seq)
            previous, number, count = made, number + 1, count + 1
        if (head.seq, head.hash) != (number - 1, previous):
            return _broken(count, head, number)
    return Verdict(entries=count, head=Anchor(seq=head.seq, hash=head.hash))


def _broken(count: int, head: Head, at: int) -> Verdict:
    anchor = Anchor(seq=head.seq, hash=head.hash)
    return Verdict(
        entries=count, head=anchor, broken_at=at, why="does not follow from the entry before"
    )
