"""Jobs of the exchange: an import goes on until no row waits, whoever or whatever stopped it."""

import logging
import time
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tongchou.station.access.context import system
from tongchou.station.audit.record import record
from tongchou.station.exchange.limits import limit
from tongchou.station.exchange.models import Import, ImportFile, ImportRow, ImportState
from tongchou.station.exchange.running import run, stop
from tongchou.vocabulary.text import Text

log = logging.getLogger(__name__)
TRIES = 4
"""How often a run goes on by itself after the database was lost, waiting longer each time."""


@app.task(name="exchange.run_import", queue="exchange", pass_context=False)
def run_import(number: int) -> None:
    """Take the rows of an import that wait.

    A lost database is waited for; any other fault stops the import, is shown on its page, and is
    raised, so that it stands in the log.
    """
    for wait in [*(2**n for n in range(TRIES - 1)), None]:
        try:
            run(number)
        except (OperationalError, InterfaceError):
            connection.close()
            if wait is None:
                raise
            time.sleep(wait)
        except Exception:
            with system("import failed"):
                for made in Import.objects.filter(pk=number, state=ImportState.RUNNING):
                    stop(made, _FAULT)
            raise
        else:
            return


def defer(number: int) -> None:
    """Have a worker go on with an import; asking twice is asking once."""
    try:
        with transaction.atomic():
            run_import.configure(queueing_lock=f"import-{number}").defer(number=number)
    except AlreadyEnqueued:
        return


def resume(*, at_start: bool = False) -> list[int]:
    """Have imports that have stood still go on; give their numbers.

    Parameters
    ----------
    at_start
        When the station starts nothing can be running: all of them go on at once.
    """
    before = timezone.now() - timedelta(minutes=0 if at_start else limit("silent_minutes"))
    with system("resume imports"):
        found = list(
            Import.objects.filter(state=ImportState.RUNNING, progressed_at__lt=before).order_by(
                "pk"
            )
        )
        for made in found:
            made.resumed += 1
            made.progressed_at = timezone.now()
            made.save(update_fields=["resumed", "progressed_at"])
            record("exchange.import.resume", made, waiting=made.waiting)
            defer(made.pk)
            log.warning("import %s goes on: %s of %s rows wait", made.pk, made.waiting, made.total)
    return [made.pk for made in found]


@app.periodic(cron="* * * * *")
@app.task(name="exchange.resume_imports", queue="exchange", pass_context=False)
def resume_imports(timestamp: int) -> None:
    """Look every minute for imports that have stood still."""
    resume()


def forget(days: int) -> int:
    """Let go of what was received in imports that ended or were left lying so long ago; give how many.

    The counts, the digest and who did it stay; names and numbers of persons do not.
    """
    before = timezone.now() - timedelta(days=days)
    with system("retention of imported files"):
        found = Import.objects.filter(created_at__lt=before, forgotten_at=None).exclude(
            state=ImportState.RUNNING
        )
        numbers = list(found.values_list("pk", flat=True))
        ImportFile.objects.filter(of__in=numbers).delete()
        ImportRow.objects.filter(of__in=numbers).update(cells=[], faults=[], findings=[])
        Import.objects.filter(pk__in=numbers).exclude(state=ImportState.DONE).update(
            state=ImportState.CANCELLED
        )
        Import.objects.filter(pk__in=numbers).update(forgotten_at=timezone.now())
        if numbers:
            record("exchange.import.forget", "exchange.import", imports=len(numbers))
    return len(numbers)


@app.periodic(cron="40 3 * * *")
@app.task(name="exchange.forget_imports", queue="exchange", pass_context=False)
def forget_imports(timestamp: int) -> None:
    """Let go of old files every night."""
    forget(limit("kept_days"))


_FAULT = Text(
    zh="程序出错，导入已停止；已导入的行保留。请联系系统管理员，修复后点“继续”。",
    en="A fault of the program stopped the import; rows already in stay in. Tell the administrator of the station, and press “Go on” once it is mended.",
)
