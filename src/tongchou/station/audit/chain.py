"""The chain of the audit trail: how an entry is hashed, and the verifier.

The text of an entry is its fields in the order of :data:`FIELDS`, each preceded by its length in
bytes and a colon, so that no two entries have the same text; the hash is SHA-256 over it. It is
computed in the database by a trigger and here again by the verifier: two implementations of one
rule, and an auditor may write a third.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from tongchou.station.access.context import system
from tongchou.station.audit.models import Entry, Head

FIELDS = (
    "seq", "previous", "at", "actor", "post", "path", "channel", "action", "outcome", "resource", "detail",
)  # fmt: skip
GENESIS = "0" * 64
"""What the first entry is bound to."""

INSTALL = """
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, repeat('0', 64)) ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION audit_text(VARIADIC parts text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(octet_length(coalesce(p, '')) || ':' || coalesce(p, ''), '' ORDER BY n)
  FROM unnest(parts) WITH ORDINALITY AS u(p, n)
$$;

CREATE OR REPLACE FUNCTION audit_bind() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE head audit_head%ROWTYPE;
BEGIN
  SELECT * INTO head FROM audit_head WHERE id = 1 FOR UPDATE;
  NEW.seq := head.seq + 1;
  NEW.previous := head.hash;
  NEW.hash := encode(sha256(convert_to(audit_text(
    NEW.seq::text, NEW.previous,
    to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    NEW.actor, NEW.post::text, NEW.path, NEW.channel, NEW.action, NEW.outcome, NEW.resource,
    NEW.detail), 'UTF8')), 'hex');
  UPDATE audit_head SET seq = NEW.seq, hash = NEW.hash WHERE id = 1;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only: % of audit_entry refused', TG_OP;
END $$;

DROP TRIGGER IF EXISTS audit_bind ON audit_entry;
CREATE TRIGGER audit_bind BEFORE INSERT ON audit_entry
  FOR EACH ROW EXECUTE FUNCTION audit_bind();
DROP TRIGGER IF EXISTS audit_refuse ON audit_entry;
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS station_read ON audit_entry;
CREATE POLICY station_read ON audit_entry FOR SELECT TO station_app USING (
  path >= (SELECT current_setting('station.from_path', true))
  AND path < (SELECT current_setting('station.until_path', true)));
DROP POLICY IF EXISTS station_insert ON audit_entry;
CREATE POLICY station_insert ON audit_entry FOR INSERT TO station_app WITH CHECK (true);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A number and hash written down elsewhere: on a signed order, beside a backup."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the verifier found: how far the chain holds, and the first entry where it does not."""

    entries: int
    head: Anchor
    broken_at: int | None = None
    why: str = ""

    @property
    def holds(self) -> bool:
        """Whether every entry is bound to the one before it."""
        return self.broken_at is None


def text_of(entry: Entry) -> bytes:
    """Give the text of an entry that its hash is made of."""
    values = {name: getattr(entry, name) for name in FIELDS}
    values["at"] = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    parts = (("" if v is None else str(v)).encode() for v in values.values())
    return b"".join(str(len(p)).encode() + b":" + p for p in parts)


def verify(anchors: Iterable[Anchor] = ()) -> Verdict:
    """Walk the whole chain and say whether it holds.

    Parameters
    ----------
    anchors
        Numbers and hashes known from elsewhere: with them a chain that was cut short or made anew
        from its start is found too.
    """
    known = {a.seq: a.hash for a in anchors}
    with system("verify the audit trail"):
        head = Head.objects.get(pk=1)
        previous, count = GENESIS, 0
        for entry in Entry.objects.order_by("seq").iterator(chunk_size=2000):
            count += 1
            made = hashlib.sha256(text_of(entry)).hexdigest()
            why = (
                "number missing" if entry.seq != count
                else "not bound to the entry before" if entry.previous != previous
                else "contents do not match the hash" if entry.hash != made
                else "differs from the anchor" if known.get(entry.seq, made) != made
                else ""
            )  # fmt: skip
            if why:
                return _broken(count, head, entry.seq, why)
            previous = entry.hash
        if (head.seq, head.hash) != (count, previous):
            return _broken(count, head, count + 1, "entries missing at the end")
        if known and max(known) > count:
            return _broken(count, head, count + 1, "entries missing before the anchor")
    return Verdict(entries=count, head=Anchor(seq=head.seq, hash=head.hash))


def _broken(entries: int, head: Head, at: int, why: str) -> Verdict:
    return Verdict(
        entries=entries, head=Anchor(seq=head.seq, hash=head.hash), broken_at=at, why=why
    )
