"""A kind of record for the tests of importing: units, which need no room above the exchange.

As a script it is a worker in a process of its own: ``python units_kind.py IMPORT CHUNK`` takes the
rows of an import and stands still in the middle of that chunk, written and not yet committed;
``queue`` instead works off the queue.
"""

import itertools
import sys
import time

from tongchou.station.exchange.importable import Finding, Importable, ImportField, Outcome
from tongchou.vocabulary.text import Text

KINDS = {"depot": ("物资库", "depot"), "office": ("机关单位", "office")}


def kind(stand_still_in: int = 0) -> Importable:
    from tongchou.station.places.models import Place, Unit

    def shown(unit):
        return {
            "number": unit.code,
            "code": unit.code,
            "name": unit.name_zh,
            "english": unit.name_en,
            "kind": unit.kind,
            "place": unit.place_id,
        }

    chunks = itertools.count(1)

    def save(rows):
        places = {
            p.code: p for p in Place.objects.filter(code__in={r.values["place"] for r in rows})
        }
        made = [
            Unit(
                code=r.values["code"],
                name_zh=r.values["name"],
                name_en=r.values.get("english", ""),
                kind=r.values.get("kind", "office"),
                place=places[r.values["place"]],
                path=places[r.values["place"]].path,
            )
            for r in rows
        ]
        Unit.objects.bulk_create(made)
        if next(chunks) == stand_still_in:
            time.sleep(600)
        return [Outcome(number=r.number, target=u.code) for r, u in zip(rows, made, strict=True)]

    def update(rows):
        for row in rows:
            unit = Unit.objects.get(code=row.target)
            unit.name_zh = row.changes.get("name", unit.name_zh)
            unit.name_en = row.changes.get("english", unit.name_en)
            unit.kind = row.changes.get("kind", unit.kind)
            unit.save()
        return [Outcome(number=r.number, target=r.target) for r in rows]

    def check(rows):
        names = {r.values["name"]: r.number for r in rows}
        return [
            Finding(
                number=names[u.name_zh],
                target=u.code,
                label=Text(zh=f"{u.name_zh} {u.code}", en=f"{u.name_zh} {u.code}"),
                score=90,
                reason=Text(zh="同名", en="same name"),
            )
            for u in Unit.objects.filter(name_zh__in=names)
        ]

    return Importable(
        name="units",
        title=Text(zh="机构", en="units"),
        action="cases.report",
        fields=(
            ImportField(key="number", label=Text(zh="记录号", en="record"), record=True),
            ImportField(
                key="code",
                label=Text(zh="机构代码", en="unit code"),
                required=True,
                aliases=("编号", "编码"),
            ),
            ImportField(
                key="name",
                label=Text(zh="名称", en="name"),
                kind="name",
                required=True,
                aliases=("单位名称",),
            ),
            ImportField(key="english", label=Text(zh="英文名", en="English name")),
            ImportField(key="kind", label=Text(zh="类别", en="kind"), kind="choice", choices=KINDS),
            ImportField(
                key="place", label=Text(zh="所在地区", en="place"), kind="place", required=True
            ),
        ),
        keys=(("code",),),
        save=save,
        update=update,
        held=lambda targets: {u.code: shown(u) for u in Unit.objects.filter(code__in=targets)},
        records=lambda: ((u.code, shown(u)) for u in Unit.objects.order_by("pk").iterator(2_000)),
        check=check,
    )


def main() -> None:
    import django

    django.setup()
    from tongchou.station.exchange.registry import register_importable
    from tongchou.station.exchange.running import run

    register_importable(kind(int(sys.argv[2])))
    if sys.argv[1] != "queue":
        run(int(sys.argv[1]))
        return
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(queues=["exchange"], wait=False, listen_notify=False)


if __name__ == "__main__":
    main()
