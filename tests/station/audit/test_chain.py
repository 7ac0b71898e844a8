"""The audit trail shows every kind of tampering."""

import pytest
from django.db import DatabaseError, connection, transaction

from tongchou.station.access.context import acting, system
from tongchou.station.audit.chain import Anchor, verify
from tongchou.station.audit.models import Entry
from tongchou.station.audit.record import record


def write_three(actor):
    with acting(actor("epidemiologist", "640104")):
        for n in range(3):
            record("cases.view", f"cases.case:C{n}", rows=n, note='引号"，é')


def test_entries_written_in_the_database_verify_in_python(actor):
    write_three(actor)
    verdict = verify()
    assert verdict.holds
    assert verdict.entries == 3


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"],
)
def test_the_trail_is_append_only_even_for_its_owner(actor, statement):
    write_three(actor)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as c,
    ):
        c.execute(statement)


def tamper(statement):
    with connection.cursor() as c:
        c.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        c.execute(statement)
        c.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    ("statement", "at"),
    [
        ("UPDATE audit_entry SET actor = 'someone else' WHERE seq = 2", 2),
        ("DELETE FROM audit_entry WHERE seq = 2", 3),
        ("DELETE FROM audit_entry WHERE seq = 3", 3),
    ],
)
def test_what_the_database_did_not_stop_the_verifier_finds(actor, statement, at):
    write_three(actor)
    tamper(statement)
    assert verify().broken_at == at


def test_a_chain_cut_short_with_its_head_is_found_by_an_anchor(actor):
    write_three(actor)
    before = verify().head
    tamper("DELETE FROM audit_entry WHERE seq = 3")
    tamper("UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_entry WHERE seq = 2)")
    assert verify().holds, "a chain cut short with its head looks whole by itself"
    assert verify([before]).broken_at == 3
    assert verify([Anchor(seq=2, hash="0" * 64)]).broken_at == 2


def test_nothing_is_noted_of_what_did_not_happen(actor):
    def fail():
        with acting(actor("epidemiologist", "640104")):
            record("cases.view", "x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with system("count"):
        assert Entry.objects.count() == 0


def test_an_auditor_reads_the_trail_of_their_own_area_only(actor):
    write_three(actor)
    with acting(actor("auditor", "640104")):
        assert Entry.objects.count() == 3
    with acting(actor("auditor", "640105")):
        assert Entry.objects.count() == 0
    with acting(actor("epidemiologist", "640104")):
        assert Entry.objects.count() == 0
