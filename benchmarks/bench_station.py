"""The station under load: lists, pages and saves of 50 people at once, and a whole table exported.

Run: ``python -m benchmarks.bench_station``. A station of its own is started with the embedded
database, 300,000 persons with a case each and 1,000,000 contacts; then 50 people who are signed in
(half of them nationwide, half each bound to one county) read lists, open cases and report new ones:
first with pauses to think, then without any. Times are those the client sees, over loopback, on the
same machine. ``--small`` makes a hundredth of the records.
"""

import argparse
import contextlib
import html
import http.client
import os
import random
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import table

PEOPLE = 50
TONGCHOU = Path(sys.executable).with_name("tongchou")
THINKING = (4.0, 8.0)
"""Seconds between two clicks of somebody who works with the page (assumption)."""
SECONDS = 60
MIX = ("list", "list", "next page", "filtered", "found", "contacts", "detail", "detail", "save")
"""What people do, each as often as the others (assumption)."""


@dataclass
class Person:
    """Somebody at work: cookies, reach, and what each kind of click took."""

    name: str
    reach: str
    county: str
    cookies: dict[str, str]
    cases: list[str]
    port: int
    took: list[tuple[str, float]] = field(default_factory=list)
    refused: list[tuple[str, int]] = field(default_factory=list)
    link: http.client.HTTPConnection | None = None
    following: str = ""

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, float]:
        """Send a request; give status, page and seconds."""
        host = f"127.0.0.1:{self.port}"
        self.link = self.link or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Host": host, "X-Forwarded-Proto": "https", "Referer": f"https://{host}/",
            "Accept-Language": "zh", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
        }  # fmt: skip
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begin = time.perf_counter()
        try:
            self.link.request("POST" if form is not None else "GET", path, body, headers)
            answer = self.link.getresponse()
            page = answer.read().decode(errors="replace")
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, _, held = value.partition(";")[0].partition("=")
                    self.cookies[key] = held
        except (OSError, http.client.HTTPException):
            self.link.close()
            self.link = None
            return 599, "", time.perf_counter() - begin
        return answer.status, page, time.perf_counter() - begin

    def click(self, kind: str, dice: random.Random) -> None:
        """Do one thing and note how long it took."""
        if kind == "save":
            self._report(dice)
            return
        path = {
            "list": "/cases/",
            "next page": self.following or "/cases/",
            "filtered": "/cases/?state=suspected",
            "found": f"/cases/?q={dice.choice(self.cases)}",
            "contacts": "/cases/contacts/",
            "detail": f"/cases/case/{dice.choice(self.cases)}/",
        }[kind]
        status, page, seconds = self.ask(path)
        self._note("detail" if kind == "detail" else kind, status, page, seconds, wanted=200)
        if kind in ("list", "next page") and (after := re.search(r'"\?([^"]*after=[^"]*)"', page)):
            self.following = "/cases/?" + html.unescape(after[1])

    def _report(self, dice: random.Random) -> None:
        """Report a case: the last of the two screens is the save."""
        _, page, _ = self.ask("/cases/report/")
        number = dice.randint(10**9, 10**10 - 1)
        who = fields(page) | {
            "name": dice.choice("王李张刘陈杨黄赵吴周") + dice.choice("伟芳娜敏静丽强磊军洋勇艳") + dice.choice("明华国建"),
            "phone": f"138{number % 10**8:08d}", "residence": self.county, "age": str(dice.randint(1, 90)), "sex": "female", "onset_on": time.strftime("%Y-%m-%d", time.localtime(time.time() - 2 * 86400)),
        }  # fmt: skip
        _, page, _ = self.ask("/cases/report/", who)
        what = who | fields(page) | {"second": "1", "responsible": self.county}
        self._note("save", *self.ask("/cases/report/", what), wanted=302)

    def _note(self, kind: str, status: int, page: str, seconds: float, *, wanted: int) -> None:
        if status == wanted:
            self.took.append((kind, seconds))
        else:
            faults = re.findall(r"invalid-feedback[^>]*>([^<]+)", page) or re.findall(
                r"<(?:p|h1)[^>]*>([^<]+)", page
            )
            self.refused.append((f"{kind} {faults[:3]}", status))


def fields(page: str) -> dict[str, str]:
    """Give the fields of the last form of a page that has a token, as they stand."""
    forms = [
        f for f in re.findall(r"<form.*?</form>", page, flags=re.S) if "csrfmiddlewaretoken" in f
    ]
    found: dict[str, str] = {}
    for form in [f for f in forms if 'name="name"' in f or 'name="classification"' in f] or forms[
        -1:
    ]:
        for tag in re.findall(r"<input[^>]*>", form):
            name, kind = _attribute(tag, "name"), _attribute(tag, "type")
            if name and (kind not in ("radio", "checkbox", "submit") or "checked" in tag):
                found[name] = _attribute(tag, "value")
        for name, inner in re.findall(
            r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', form, flags=re.S
        ):
            chosen = re.search(r'<option[^>]*value="([^"]*)"[^>]*selected', inner)
            found[name] = html.unescape(chosen[1]) if chosen else ""
    return found


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


def prepare(persons: int, contacts: int, port: int) -> list[Person]:
    """Make the records and the people; the database is open and Django set up."""
    from benchmarks import station_records
    from tongchou.station.operations import preparing

    preparing.migrate()
    preparing.load_country()
    preparing.collect_static()
    station_records.make(persons, contacts)
    return [_person(n, port) for n in range(PEOPLE)]


def _person(n: int, port: int) -> Person:
    """Make one person with a post, a second factor and an open session."""
    from allauth.mfa.models import Authenticator
    from django.db import connection
    from django.test import Client

    from tongchou.station.accounts.models import Post, User
    from tongchou.station.places.models import Place

    county = Place.objects.filter(level="county", path__contains=f"/{station_busy()}/").order_by(
        "code"
    )[n // 2]
    national = n % 2 == 0
    user = User.objects.create_user(f"bench{n}")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    place = Place.objects.get(level="nation") if national else county
    Post.objects.create(user=user, role="epidemiologist", place=place, starts="2020-01-01")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    within = "" if national else "WHERE responsible_path = %s "
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pseudonym FROM cases_case {within}ORDER BY id DESC LIMIT 400",
            [] if national else [county.path],
        )
        cases = [row[0] for row in cursor.fetchall()]
    cookies = {k: m.value for k, m in client.cookies.items()}
    return Person(
        name=user.username, reach="nation" if national else "county", county=county.code, cookies=cookies, cases=cases, port=port,
    )  # fmt: skip


def station_busy() -> str:
    """Give the province that half of the records lie in."""
    from benchmarks.station_records import BUSY

    return BUSY


@contextlib.contextmanager
def serving(home: Path, port: int) -> Iterator[None]:
    """Run the web server as the station does, without the worker: its hourly jobs are no part of this."""
    from tongchou.station.operations.database import opened
    from tongchou.station.operations.serving import Wish, children

    with opened():
        env = os.environ | {"TONGCHOU_DEBUG": "0", "TONGCHOU_PROXY": "1"}
        log = home / "serve.out"
        with log.open("wb") as out:
            process = subprocess.Popen(
                children(Wish(port=port))[0].command, env=env, stdout=out, stderr=out
            )
        try:
            for _ in range(240):
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), timeout=5).close()
                    break
                if process.poll() is not None:
                    raise SystemExit(log.read_text(errors="replace"))
                time.sleep(0.5)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=90)


def work(people: list[Person], seconds: float, thinking: tuple[float, float] | None) -> None:
    """Let everyone work for some time, at most."""
    stop = time.monotonic() + seconds

    def day(person: Person, seed: int) -> None:
        dice = random.Random(seed)
        if thinking:
            time.sleep(dice.uniform(0, thinking[1]))
        while time.monotonic() < stop:
            person.click(dice.choice(MIX), dice)
            if thinking:
                time.sleep(dice.uniform(*thinking))

    threads = [threading.Thread(target=day, args=(p, n)) for n, p in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def rows_of(people: list[Person], label: str, seconds: float) -> list[list[str]]:
    """Give the lines of the table for a run, and forget it."""
    lines = []
    for reach in ("nation", "county"):
        for kind in ("every list", *dict.fromkeys(MIX)):
            took = sorted(
                s
                for p in people
                if p.reach == reach
                for k, s in p.took
                if k == kind or (kind == "every list" and k not in ("detail", "save"))
            )
            if not took:
                continue
            p95 = took[min(len(took) - 1, int(0.95 * len(took)))]
            lines.append(
                [
                    f"{label}, {reach}, {kind}",
                    str(len(took)),
                    f"{1000 * statistics.median(took):.0f}",
                    f"{1000 * p95:.0f}",
                ]
            )
    total = sum(len(p.took) for p in people)
    lines.append([f"{label}, all", str(total), f"{total / seconds:.1f} a second", ""])
    refused = [r for p in people for r in p.refused]
    if refused:
        lines.append([f"{label}, not answered as wanted: {refused[0]}", str(len(refused)), "", ""])
    for person in people:
        person.took, person.refused = [], []
    return lines


def export(home: Path) -> list[str]:
    """Export every contact through the list's own export, in a process of its own; give its figures."""
    code = (
        "import resource, time\n"
        "from tongchou.station.operations.database import opened\n"
        "with opened():\n"
        "    from django.test import Client\n"
        "    from django.conf import settings\n"
        "    from tongchou.station.accounts.models import User\n"
        "    client = Client(headers={'x-forwarded-proto': 'https', 'host': 'localhost'})\n"
        "    client.force_login(User.objects.get(username='bench0'), backend='django.contrib.auth.backends.ModelBackend')\n"
        "    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    answer = client.get('/cases/contacts/', {'format': 'csv'}, secure=True)\n"
        "    parts = answer.streaming_content if answer.streaming else [answer.content]\n"
        "    lines = size = 0\n"
        "    for part in parts:\n"
        "        lines += part.count(b'\\n'); size += len(part)\n"
        "    print(answer.status_code, lines, size, time.perf_counter() - begin, before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    env |= {"TONGCHOU_HOME": str(home), "TONGCHOU_DEBUG": "0", "TONGCHOU_PROXY": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return [
            "export of every contact: " + (done.stderr.strip().splitlines() or ["?"])[-1],
            "",
            "",
            "",
        ]
    status, lines, size, seconds, before, peak = done.stdout.split()[-6:]
    return [
        f"every contact exported as CSV (status {status}, {int(size) / 1e6:.0f} MB)", f"{int(lines):,}",
        f"{float(seconds):.0f} s", f"{int(peak) / 1024:.0f} MB ({int(before) / 1024:.0f} before)",
    ]  # fmt: skip


def main() -> None:
    """Run everything and print one table."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--small", action="store_true")
    asked.add_argument("--seconds", type=float, default=SECONDS)
    wish = asked.parse_args()
    persons, contacts = (3_000, 10_000) if wish.small else (300_000, 1_000_000)
    with tempfile.TemporaryDirectory(prefix="tongchou-bench-") as folder:
        home = Path(folder)
        os.environ["TONGCHOU_HOME"] = folder
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            port = trial.getsockname()[1]
        from tongchou.station.operations.database import opened

        begin = time.perf_counter()
        with opened():
            people = prepare(persons, contacts, port)
        rows = [
            [
                f"{persons:,} persons with cases, {contacts:,} contacts loaded",
                "",
                f"{time.perf_counter() - begin:.0f} s",
                "",
            ]
        ]
        with serving(home, port):
            work(people[:6], 5, None)
            rows_of(people, "", 1)
            work(people, wish.seconds, THINKING)
            rows += rows_of(people, "with pauses", wish.seconds)
            work(people, wish.seconds / 2, None)
            rows += rows_of(people, "without pauses", wish.seconds / 2)
            rows.append(export(home))
    print(f"\n## The station, {PEOPLE} people at once\n")
    print(table(["what", "count", "P50, ms", "P95, ms"], rows))
    print(
        f"\nClient and server share the machine; the client used {resource.getrusage(resource.RUSAGE_SELF).ru_utime:.0f} s of processor time."
    )


if __name__ == "__main__":
    main()
