"""A pack is whole or it is refused, with every reason."""

import hashlib
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tongchou.situation import pack
from tongchou.situation.contract import contract
from tongchou.situation.manifest import Manifest
from tongchou.vocabulary.errors import BadInput, BadParameter, CorruptPack, MissingData
from tongchou.vocabulary.text import Text, same

MANIFEST = Manifest(
    name="small",
    title=Text(zh="小数据包", en="A small pack"),
    synthetic=True,
    places="china",
    first=date(2020, 2, 10),
    last=date(2020, 2, 12),
    licence=same("CC0"),
    sources=("written for a test",),
    notes=(Text(zh="说明", en="a note"),),
)


def counts(confirmed: int = 18454) -> pl.DataFrame:
    """Make one row of Wuhan."""
    night = date(2020, 2, 10)
    return pl.DataFrame(
        [{"place": "420100", "date": night, "known_on": night, "confirmed": confirmed}],
        schema=contract("case_counts").schema,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a pack."""
    pack.write(tmp_path / "small", MANIFEST, {"case_counts": counts()})
    return tmp_path / "small"


def test_what_is_written_comes_back(folder):
    opened = pack.open_folder(folder)
    assert (opened.name, opened.first, opened.last) == ("small", MANIFEST.first, MANIFEST.last)
    assert opened.as_of().table("case_counts")["confirmed"].to_list() == [18454]
    origin = opened.whole.origin
    assert (origin.title, origin.notes, origin.sources) == (
        MANIFEST.title,
        MANIFEST.notes,
        MANIFEST.sources,
    )
    assert origin.digests["case_counts.parquet"] == pack.sha256(folder / "case_counts.parquet")


def test_a_day_outside_the_pack_is_refused_with_its_days(folder):
    with pytest.raises(BadParameter) as refused:
        pack.open_folder(folder).as_of("2020-02-13")
    assert "2020-02-12" in refused.value.text()["en"]


def test_bad_rows_are_not_written_and_the_old_pack_stays(folder):
    with pytest.raises(BadInput) as refused:
        pack.write(folder, MANIFEST, {"case_counts": counts(-1)})
    assert refused.value.faults[0].value == "-1"
    assert pack.open_folder(folder).as_of().table("case_counts")["confirmed"].to_list() == [18454]


def test_a_new_pack_takes_the_place_of_the_old_one_and_nothing_is_left_beside_it(folder):
    pack.write(folder, MANIFEST, {"case_counts": counts(19558)})
    assert pack.open_folder(folder).as_of().table("case_counts")["confirmed"].to_list() == [19558]
    assert [p.name for p in folder.parent.iterdir()] == ["small"]


def test_a_disk_that_fails_while_writing_leaves_the_old_pack_alone(folder, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_csv", full)
    with pytest.raises(OSError, match="No space"):
        pack.write(folder, MANIFEST, {"case_counts": counts(1)})
    monkeypatch.undo()
    assert pack.open_folder(folder).as_of().table("case_counts")["confirmed"].to_list() == [18454]
    assert [p.name for p in folder.parent.iterdir()] == ["small"]


def test_a_pack_that_cannot_be_moved_into_place_brings_the_old_one_back(folder, monkeypatch):
    rename, moved = Path.rename, []

    def refuse_second(self: Path, target: Path) -> Path:
        moved.append(target)
        if len(moved) == 2:
            raise PermissionError(13, "held by another program")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_second)
    with pytest.raises(PermissionError):
        pack.write(folder, MANIFEST, {"case_counts": counts(1)})
    assert pack.open_folder(folder).as_of().table("case_counts")["confirmed"].to_list() == [18454]


def test_every_tampered_missing_and_unlisted_file_is_named(folder):
    pl.read_parquet(folder / "case_counts.parquet").with_columns(confirmed=pl.lit(1)).write_parquet(
        folder / "case_counts.parquet"
    )
    (folder / "published.csv").unlink()
    (folder / "prices.csv").write_text("place,item,date,known_on,price,unit\n", encoding="utf-8")
    with pytest.raises(CorruptPack) as refused:
        pack.open_folder(folder)
    named = {f.file: f.problem.en for f in refused.value.faults}
    assert "does not match the checksum" in named["case_counts.parquet"]
    assert "is in the manifest but not in the pack" in named["published.csv"]
    assert "is not in [files]" in named["prices.csv"]


def reseal(folder: Path, name: str) -> None:
    """Put the new checksum of a file into the manifest, as an owner who changed it would."""
    manifest = folder / "manifest.toml"
    lines = [
        f'"{name}" = "{pack.sha256(folder / name)}"' if line.startswith(f'"{name}"') else line
        for line in manifest.read_text(encoding="utf-8").splitlines()
    ]
    manifest.write_text("\n".join(lines), encoding="utf-8")


def test_a_truncated_table_is_refused_even_with_its_checksum_made_good(folder):
    file = folder / "case_counts.parquet"
    file.write_bytes(file.read_bytes()[:-40])
    reseal(folder, file.name)
    with pytest.raises(CorruptPack) as refused:
        pack.open_folder(folder)
    assert [(f.file, f.problem.en) for f in refused.value.faults] == [
        ("case_counts.parquet", "cannot be read.")
    ]


def test_a_table_of_the_wrong_shape_is_read_against_the_contract(folder):
    pl.DataFrame({"place": ["420100"], "confirmed": [1.5]}).write_parquet(
        folder / "case_counts.parquet"
    )
    reseal(folder, "case_counts.parquet")
    with pytest.raises(CorruptPack) as refused:
        pack.open_folder(folder)
    assert {f.column for f in refused.value.faults} == {"date", "known_on", "confirmed"}


def test_a_check_that_trusts_nothing_finds_rows_the_manifest_vouches_for(folder):
    counts(-7).write_parquet(folder / "case_counts.parquet")
    reseal(folder, "case_counts.parquet")
    pack.open_folder(folder)
    with pytest.raises(CorruptPack) as refused:
        pack.open_folder(folder, trust=False)
    assert refused.value.faults[0].value == "-7"


def test_a_folder_without_a_manifest_is_refused(tmp_path):
    with pytest.raises(CorruptPack) as refused:
        pack.open_folder(tmp_path)
    assert refused.value.faults[0].file == "manifest.toml"


def test_everything_wrong_with_a_manifest_is_said_at_once_with_an_example(tmp_path):
    (tmp_path / "manifest.toml").write_text(
        'name = "mine"\ntitle = "Mine"\nsynthetic = false\nplaces = "china"\n'
        'first = "2020-02-10"\nlicence = { zh = "无", en = "none" }\nsources = []\n',
        encoding="utf-8",
    )
    with pytest.raises(CorruptPack) as refused:
        pack.open_folder(tmp_path)
    assert [f.column for f in refused.value.faults] == ["title", "first", "last", "files"]
    assert "first = 2020-01-01" in refused.value.text()["zh"]


BY_HAND = """\
name = "county"
title = { zh = "某县", en = "A county" }
synthetic = false
places = "china"
first = 2020-02-10
last = 2020-02-11
licence = { zh = "内部", en = "internal" }
sources = ["the county's own register"]

[files]
"""


def by_hand(folder: Path, **files: str) -> Path:
    """Write a pack as an outsider would: text files and the checksums that sha256sum prints."""
    folder.mkdir()
    lines = []
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        lines.append(f'"{name}.csv" = "{hashlib.sha256(text.encode()).hexdigest()}"')
    (folder / "manifest.toml").write_text(BY_HAND + "\n".join(lines), encoding="utf-8")
    return folder


def test_a_pack_written_by_hand_opens(tmp_path):
    folder = by_hand(
        tmp_path / "county",
        case_counts=(
            "place,date,known_on,confirmed,deaths\n"
            "420102,2020-02-10,2020-02-10,12,\n"
            "420102,2020-02-11,2020-02-11,15,1\n"
        ),
    )
    opened = pack.open_folder(folder)
    assert opened.as_of("2020-02-11").table("case_counts")["confirmed"].to_list() == [12, 15]
    assert opened.as_of("2020-02-10").counts()["confirmed"].to_numpy().tolist() == [[12]]
    assert opened.whole.gazetteer.place("420102").name["zh"] == "江岸区"


def test_a_pack_written_by_hand_is_refused_with_file_row_and_column(tmp_path):
    folder = by_hand(
        tmp_path / "county",
        case_counts="place,date,known_on,confirmed\n420102,2020/02/10,2020-02-10,12\n",
        places="place,level,name_zh,name_en\n420102,district,江岸区,Jiang'an\n",
    )
    with pytest.raises(CorruptPack) as refused:
        pack.open_folder(folder)
    assert [(f.file, f.row, f.column, f.value) for f in refused.value.faults] == [
        ("places.csv", 1, "level", "district"),
        ("case_counts.csv", 1, "date", "2020/02/10"),
    ]


def test_a_pack_may_bring_the_places_of_another_country(tmp_path):
    folder = tmp_path / "country"
    by_hand(folder)
    gazetteer = folder / "gazetteer"
    gazetteer.mkdir()
    (gazetteer / "country.toml").write_text(
        '[country]\ncode = "XX"\nlevels = ["nation", "province"]\n', encoding="utf-8"
    )
    (gazetteer / "places.csv").write_text(
        "code,level,name_zh,name_en,name_short_zh,name_short_en,aliases,parent,counted,longitude,latitude,source\n"
        "XX,nation,某国,Somewhere,某国,Somewhere,,,true,10,50,test\n"
        "XX01,province,甲省,First,甲,First,,XX,true,10,50,test\n",
        encoding="utf-8",
    )
    manifest = folder / "manifest.toml"
    text = manifest.read_text(encoding="utf-8").replace('places = "china"', 'places = "gazetteer"')
    listed = "\n".join(f'"gazetteer/{n}" = "{pack.sha256(gazetteer / n)}"' for n in ("places.csv",))
    manifest.write_text(text + listed, encoding="utf-8")
    assert pack.open_folder(folder).whole.gazetteer.place("XX01").name["en"] == "First"


def test_places_that_are_nowhere_are_refused(tmp_path):
    folder = by_hand(tmp_path / "county")
    manifest = folder / "manifest.toml"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace('"china"', '"atlantis"'), encoding="utf-8"
    )
    with pytest.raises(CorruptPack, match="atlantis"):
        pack.open_folder(folder)


def test_a_further_file_is_read_by_name_and_a_missing_one_is_missing_data(tmp_path):
    tiers = pl.DataFrame({"place": ["420102"], "date": [date(2020, 2, 28)], "tier": ["high"]})
    pack.write(
        tmp_path / "p", MANIFEST, {"case_counts": counts()}, extras={"published_tiers": tiers}
    )
    opened = pack.open_folder(tmp_path / "p")
    assert opened.extra("published_tiers").equals(tiers)
    with pytest.raises(MissingData, match="weather"):
        opened.extra("weather")
