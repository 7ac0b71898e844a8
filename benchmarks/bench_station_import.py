"""Tables in and out of the station: 10,000 case rows against 300,000 persons, a million rows out.

Run: ``python -m benchmarks.bench_station_import`` (``--small`` makes a hundredth of the records). The
embedded database is made anew. 300,000 persons of one province with a case each are held; a file of
10,000 rows, of which every tenth is a person held already (two thirds by the same document, a third
without it and with a slip in the name), is uploaded, mapped, previewed, taken by the job, and brought
a second time. Then a million cases are exported by a process of its own, whose memory is watched.
"""

import argparse
import csv
import io
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import table

PROVINCE = "360000"
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛段郝顾龚邵万覃武钱戴严莫孔向常汤"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文斌玉兰红波宁晨宇轩浩然子涵梓怡佳琪欣妍诗雨思源嘉豪俊熙博雅婷雪梅春生福贵志新海燕淑珍金凤云龙德全永康立群学义素芬翠莲香菊瑞祥宏达光辉振兴凯旋"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
HEADER = ("卡片编号", "患者姓名", "有效证件号", "性别", "年龄", "联系电话", "现住县区", "详细地址",
          "病例分类", "发病日期", "诊断时间", "诊断依据", "责任地区")  # fmt: skip
YEAR = 2020


def people(
    many: int, counties: list[tuple[str, str]], dice: random.Random
) -> Iterator[dict[str, Any]]:
    """Make persons up: every county alike, every age from 1 to 90."""
    for n in range(many):
        code, path = counties[n % len(counties)]
        born = YEAR - dice.randint(1, 90)
        male = dice.random() < 0.5
        first = f"{code}{born}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}{dice.randint(0, 99):02d}{2 * dice.randint(0, 4) + male}"
        sign = "10X98765432"[sum(int(d) * w for d, w in zip(first, WEIGHTS, strict=True)) % 11]
        yield {
            "name": dice.choice(SURNAMES) + "".join(dice.sample(GIVEN, dice.choice((1, 2, 2)))),
            "document": first + sign,
            "sex": "male" if male else "female",
            "born": born,
            "phone": f"13{dice.randint(0, 999_999_999):09d}",
            "code": code,
            "path": path,
        }


def hold(persons: list[dict[str, Any]]) -> None:
    """Write persons with their identities and cases straight into the tables."""
    import polars as pl
    from django.db import connection

    from tongchou.station.access.context import system
    from tongchou.station.cases.bulk import copy_rows, next_ids
    from tongchou.station.cases.matching import blocks
    from tongchou.station.cases.models import Case, Identity, Person
    from tongchou.station.places.names import search_key

    frame = pl.DataFrame(persons)
    with system("bench"):
        ids, cases = next_ids(Person, frame.height), next_ids(Case, frame.height)
        where = {"responsible_path": frame["path"], "residence_path": frame["path"]}
        copy_rows(
            Person,
            pl.DataFrame(
                {"id": ids, "sex": frame["sex"], "birth_year": frame["born"], **where}
            ).with_columns(pseudonym=pl.format("P-B{}", "id")),
        )
        keys = [
            blocks(
                name=p["name"],
                document=p["document"],
                phone=p["phone"],
                birth_year=p["born"],
                sex=p["sex"],
                path=p["path"],
            ).columns()
            for p in persons
        ]
        copy_rows(
            Identity,
            pl.DataFrame(
                {
                    "person_id": ids, "name": frame["name"], "document_number": frame["document"], "phone": frame["phone"],
                    "name_key": [search_key(p["name"]) for p in persons], **where,
                }
            ).hstack(pl.DataFrame(keys)).with_columns(id=pl.Series(next_ids(Identity, frame.height))),
        )  # fmt: skip
        copy_rows(
            Case,
            pl.DataFrame(
                {
                    "id": cases, "person_id": ids, "sex": frame["sex"], "age": YEAR - frame["born"], "responsible_id": frame["code"],
                    "residence_id": frame["code"], **where,
                }
            ).with_columns(
                pseudonym=pl.format("C-B{}", "id"), disease=pl.lit("covid-19"), definition=pl.lit("trial-5"),
                classification=pl.lit("confirmed"), state=pl.lit("confirmed"), form_token=pl.lit(None, dtype=pl.String),
            ),
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def line_list(
    many: int, held: list[dict[str, Any]], counties: list[tuple[str, str]], dice: random.Random
) -> bytes:
    """Write the file: nine of ten rows are new persons."""
    new = people(many, counties, dice)
    known = dice.sample(held, many // 10)
    text = io.StringIO(newline="")
    sheet = csv.writer(text)
    sheet.writerow(HEADER)
    for n in range(many):
        who = next(new)
        if n % 10 == 0:
            who = known[n // 10]
            if n % 30 == 0:
                who = {**who, "document": "", "name": who["name"][0] + who["name"][1:][::-1]}
        sheet.writerow(
            [f"K{n:06d}", who["name"], who["document"], "男" if who["sex"] == "male" else "女", YEAR - who["born"], who["phone"],
             who["code"], f"={n}号楼", "确诊", "2020年2月3日", "2020/2/5 8:30", "核酸阳性", who["code"]]
        )  # fmt: skip
    return text.getvalue().encode("gb18030")


def timed(name: str, rows: list[list[str]], job: Callable[[], Any], many: int) -> Any:
    """Do something and note how long it took."""
    begin = time.perf_counter()
    made = job()
    seconds = time.perf_counter() - begin
    rows.append([name, f"{many:,}", f"{seconds:.1f} s", f"{many / seconds:,.0f}"])
    return made


def bring(who: Any, data: bytes, rows: list[list[str]], many: int, name: str) -> Any:
    """Bring a file as a person does with the pages, and take it as the job does."""
    from tongchou.station.access.context import acting
    from tongchou.station.exchange import receiving
    from tongchou.station.exchange.registry import importable
    from tongchou.station.exchange.running import run

    with acting(who):
        made = timed(
            f"{name}: upload and read",
            rows,
            lambda: receiving.receive(importable("cases"), "list.csv", data),
            many,
        )
        assert (
            receiving.set_mapping(made, [g.field for g in receiving.propose(made).guesses], {})
            == []
        )
        timed(f"{name}: preview, every row checked", rows, lambda: receiving.preview(made), many)
        receiving.confirm(made)
    timed(f"{name}: rows in, duplicates sought", rows, lambda: run(made.pk), many)
    with acting(who):
        made.refresh_from_db()
    return made


def post() -> Any:
    """Give an epidemiologist of the province."""
    from tongchou.station.accounts.actors import actor_of
    from tongchou.station.accounts.models import Post, User
    from tongchou.station.places.models import Place

    user, _ = User.objects.get_or_create(username="bench")
    held, _ = Post.objects.get_or_create(
        user=user, role="epidemiologist", place=Place.objects.get(code=PROVINCE)
    )
    return actor_of(
        Post.objects.select_related("user", "place", "unit").get(pk=held.pk), channel="job"
    )


def export(form: str) -> None:
    """Export all cases to nowhere and say how many bytes and lines; run in a process of its own."""
    from tongchou.station.operations.database import start_django

    start_django()
    from tongchou.station.exchange.exporting import stream
    from tongchou.station.exchange.registry import importable

    before = peak_mb()
    begin = time.perf_counter()
    size = sum(
        len(p)
        for p in stream(importable("cases"), post(), "zh", "csv" if form == "csv" else "xlsx")
    )
    print(
        f"{size / 1e6:.0f} MB|{time.perf_counter() - begin:.0f} s|{before:.0f} MB|{peak_mb():.0f} MB"
    )


def peak_mb() -> float:
    """Give the most memory this program has held since it was started.

    ``VmHWM`` counts from the start of the program, where ``ru_maxrss`` also counts what its parent held.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def main() -> None:
    """Make the records, measure, print."""
    words = argparse.ArgumentParser()
    words.add_argument("--small", action="store_true")
    words.add_argument("--export", choices=["csv", "xlsx"])
    asked = words.parse_args()
    if asked.export:
        export(asked.export)
        return
    share = 100 if asked.small else 1
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        os.environ["TONGCHOU_HOME"] = home
        os.environ.setdefault("TONGCHOU_DEBUG", "0")
        from tongchou.station.operations.database import opened

        with opened() as database:
            _measure(database.url, share)


def _measure(url: str, share: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from tongchou.station.access.context import system
    from tongchou.station.cases.models import Case
    from tongchou.station.exchange.registry import importable
    from tongchou.station.places.loading import load_places
    from tongchou.station.places.models import Place

    call_command("migrate", verbosity=0)
    load_places(PROVINCE)
    counties = list(Place.objects.filter(level="county").values_list("code", "path"))
    dice = random.Random(1)
    persons, many, out = 300_000 // share, 10_000 // share, 1_000_000 // share
    rows: list[list[str]] = []
    held = list(people(persons, counties, dice))
    timed("(records made)", rows, lambda: hold(held), persons)
    data = line_list(many, held, counties, dice)
    who = post()
    first = bring(who, data, rows, many, "first import")
    second = bring(who, data, rows, many, "second import")
    print(f"\nImport of {many:,} case rows against {persons:,} persons\n")
    print(table(["step", "rows", "time", "rows a second"], rows))
    for name, made in (("first", first), ("second", second)):
        print(
            f"\n{name}: {made.added:,} added, {made.unchanged:,} unchanged, {made.updated:,} updated, "
            f"{made.review:,} for review, {made.faulty:,} faulty"
        )
    with system("bench"), connection.cursor() as cursor:
        more = out - Case.objects.count()
        columns = ", ".join(
            f.column
            for f in Case._meta.concrete_fields
            if f.column not in ("id", "pseudonym", "form_token")
        )
        cursor.execute(
            f"INSERT INTO cases_case (pseudonym, {columns}) SELECT 'C-X' || row_number() OVER (), {columns} "
            "FROM cases_case, generate_series(1, 4) LIMIT %s",
            [more],
        )
    rows = []
    for form in ("csv", "xlsx"):
        said = subprocess.run(
            [sys.executable, "-m", "benchmarks.bench_station_import", "--export", form],
            env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        rows.append(
            [
                f"{form.upper()}, {len(importable('cases').fields)} columns",
                f"{out:,}",
                *said.stdout.strip().split("|"),
            ]
        )
    print(f"\nExport of {out:,} cases with identities, by a process of its own\n")
    print(table(["format", "rows", "file", "time", "memory before", "most memory"], rows))


if __name__ == "__main__":
    main()
