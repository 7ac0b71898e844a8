"""The pages of an import, as a browser without script asks for them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tongchou.station.access.context import system
from tongchou.station.exchange.models import Import
from tongchou.station.exchange.running import run

HEADER = ["编号", "单位名称", "英文名", "类别", "所在地区"]
GOOD = ["U1", "甲库", "", "物资库", "金凤区"]
BAD = ["U2", "乙库", "", "茶馆", "金凤区"]


@pytest.fixture
def client(signed_in):
    return signed_in("epidemiologist", "640104")


def send(client, data, name="单位.csv", kind="units"):
    return client.post(
        reverse("exchange:import_new"),
        {"kind": kind, "file": SimpleUploadedFile(name, data)},
        secure=True,
    )


def latest():
    with system("look"):
        return Import.objects.latest("pk")


def at(client, name, *args, **data):
    return client.get(reverse(f"exchange:{name}", args=args), data, secure=True)


def test_from_upload_to_result(client, units_kind, csv_of):
    assert "Upload" in at(client, "import_new").content.decode()
    answer = send(client, csv_of([HEADER, GOOD, BAD], "gb18030"))
    made = latest()
    assert answer.headers["Location"] == reverse("exchange:import_columns", args=[made.pk])
    page = at(client, "import_columns", made.pk).content.decode()
    assert "GB18030" in page
    assert "known by another name" in page
    mapped = {f"column-{n}": f for n, f in enumerate(["code", "name", "english", "kind", "place"])}
    answer = client.post(reverse("exchange:import_columns", args=[made.pk]), mapped, secure=True)
    assert answer.headers["Location"] == reverse("exchange:import_preview", args=[made.pk])
    page = at(client, "import_preview", made.pk).content.decode()
    assert "2 rows were checked: 1 can be imported, 1 have faults." in page
    client.post(reverse("exchange:import_preview", args=[made.pk]), secure=True)
    assert "2 of 2 rows wait" in at(client, "import", made.pk).content.decode()
    assert "HX-Refresh" not in at(client, "import_progress", made.pk).headers
    run(made.pk)
    assert at(client, "import_progress", made.pk).headers["HX-Refresh"] == "true"
    page = at(client, "import", made.pk).content.decode()
    assert "This is none of the words allowed." in page
    assert "Write one of: depot, office." in page
    file = at(client, "import_errors", made.pk, "csv").content.decode("utf-8-sig")
    assert "茶馆" in file
    back = SimpleUploadedFile("x.csv", file.replace("茶馆", "机关单位").encode())
    client.post(reverse("exchange:import_correct", args=[made.pk]), {"file": back}, secure=True)
    assert latest().state == "done"
    page = at(client, "imports", q="单位").content.decode()
    assert 'id="list-find"' in page
    assert "单位.csv" in page
    assert "单位.csv" not in at(client, "imports", q="别的").content.decode()


def test_a_corrected_error_file_finds_its_import_from_the_upload_page(client, units_kind, csv_of):
    send(client, csv_of([HEADER, BAD]))
    made = latest()
    mapped = {f"column-{n}": f for n, f in enumerate(["code", "name", "english", "kind", "place"])}
    client.post(reverse("exchange:import_columns", args=[made.pk]), mapped, secure=True)
    client.post(reverse("exchange:import_preview", args=[made.pk]), secure=True)
    run(made.pk)
    file = at(client, "import_errors", made.pk, "xlsx").content
    answer = send(client, file, "back.xlsx")
    assert answer.headers["Location"] == reverse("exchange:import", args=[made.pk])
    assert latest().pk == made.pk


def test_a_file_that_cannot_be_read_is_refused_in_words_and_leaves_nothing(client, units_kind):
    answer = send(client, b"\xff\xfe\x00\x01\x02\x00\x00\x00\xff")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    with system("look"):
        assert Import.objects.count() == 0


def test_an_upload_beyond_the_limit_is_not_kept(client, units_kind, monkeypatch):
    from tongchou.station.exchange import forms, uploads

    monkeypatch.setattr(uploads, "limit", lambda name: 100_000)
    monkeypatch.setattr(forms, "limit", lambda name: 100_000)
    answer = send(client, b"a,b\n" + b"x" * 3_000_000)
    assert answer.status_code == 422
    assert "the limit is 100,000" in answer.content.decode()


def test_imports_of_others_are_not_there(client, signed_in, units_kind, csv_of):
    send(client, csv_of([HEADER, GOOD]))
    made = latest()
    stranger = signed_in("epidemiologist", "640105")
    pages = [
        ("import", made.pk),
        ("import_columns", made.pk),
        ("import_preview", made.pk),
        ("import_review", made.pk),
        ("import_progress", made.pk),
        ("import_errors", made.pk, "csv"),
    ]
    for name, *args in pages:
        theirs, none = at(stranger, name, *args), at(stranger, name, 999_999, *args[1:])
        assert (theirs.status_code, none.status_code) == (404, 404)
        assert theirs.content == none.content
    for name in ("import_give_up", "import_go_on", "import_correct"):
        assert (
            stranger.post(reverse(f"exchange:{name}", args=[made.pk]), secure=True).status_code
            == 404
        )
    for role in ("commander", "auditor"):
        other = signed_in(role, "640104")
        assert at(other, "import_new").status_code == 404
        assert at(other, "tables").status_code == 404
        assert at(other, "table", "units", "csv").status_code == 404


def test_an_empty_table_and_the_export_are_given(client, units_kind):
    assert at(client, "blank", "units").status_code == 200
    assert "units" in at(client, "tables").content.decode()
    answer = at(client, "table", "units", "csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0] == "record,unit code,name,English name,kind,place"
