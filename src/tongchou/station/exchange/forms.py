"""What people send to the exchange: a file, with the kind of its rows."""

from typing import Any

from django import forms
from django.http import HttpRequest

from tongchou.situation.files.limits import Unreadable, too_much
from tongchou.station.access.context import actor
from tongchou.station.desk.forms import lazy
from tongchou.station.desk.templatetags.words import language
from tongchou.station.exchange.importable import Importable
from tongchou.station.exchange.limits import limit
from tongchou.station.exchange.registry import importables
from tongchou.station.exchange.uploads import TOO_LARGE
from tongchou.vocabulary.text import Text

ACCEPTED = ".csv,.tsv,.txt,.xlsx,.xls"


def mine() -> list[Importable]:
    """Give the kinds of records that the present actor may import."""
    return [i for i in importables().values() if i.action in actor().may]


class FileForm(forms.Form):
    """A file."""

    file = forms.FileField(
        label=lazy("文件", "File"),
        help_text=lazy(
            "CSV（UTF-8、GB18030 或 UTF-16）、xlsx 或 xls；列名和列的次序不限。",
            "CSV (UTF-8, GB18030 or UTF-16), xlsx or xls; any column names in any order.",
        ),
        error_messages={
            "required": lazy("请选择一个文件。", "Choose a file."),
            "empty": lazy("文件是空的。", "The file is empty."),
        },
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )

    def data_sent(self) -> bytes:
        """Give the bytes of the file."""
        return bytes(self.cleaned_data["file"].read())


class UploadForm(FileForm):
    """A file and what its rows are."""

    kind = forms.ChoiceField(
        label=lazy("导入什么", "What it holds"),
        widget=forms.RadioSelect,
        error_messages={"required": lazy("请选择记录种类。", "Choose what the rows are.")},
    )
    field_order = ("kind", "file")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = mine()
        self.fields["kind"].choices = [(k.name, k.title[language()]) for k in kinds]
        if len(kinds) == 1:
            self.fields["kind"].initial = kinds[0].name


def refuse_too_large(request: HttpRequest) -> None:
    """Say that an upload was stopped because of its size.

    Raises
    ------
    Unreadable
        If it was.
    """
    if request.META.get(TOO_LARGE):
        raise Unreadable(
            "too much",
            too_much(
                Text(zh="字节数", en="bytes"),
                max(int(request.META.get("CONTENT_LENGTH") or 0), limit("file_bytes") + 1),
                limit("file_bytes"),
                Text(zh="请分成几个文件上传。", en="Part it into several files."),
            ).message,
        )
