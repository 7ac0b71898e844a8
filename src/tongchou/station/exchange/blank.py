"""An empty table for those who have none: the columns of a kind of record, and what each holds."""

import io

import xlsxwriter

from tongchou.station.exchange.importable import Importable, ImportField
from tongchou.vocabulary.text import Lang, Text

KIND_WORDS = {
    "text": Text(zh="文字", en="text"),
    "name": Text(zh="姓名", en="name"),
    "document": Text(zh="证件号码（文本格式）", en="document number (format as text)"),
    "phone": Text(zh="电话（文本格式）", en="telephone (format as text)"),
    "date": Text(zh="日期，如 2020-02-03", en="date, such as 2020-02-03"),
    "datetime": Text(
        zh="日期时间，如 2020-02-03 08:30", en="date and time, such as 2020-02-03 08:30"
    ),
    "integer": Text(zh="整数", en="whole number"),
    "number": Text(zh="数字", en="number"),
    "choice": Text(zh="其中之一", en="one of"),
    "flag": Text(zh="是 或 否", en="yes or no"),
    "place": Text(zh="地区代码或全名", en="code or full name of a place"),
    "unit": Text(zh="机构代码或全名", en="code or full name of a unit"),
}


def blank_table(importable: Importable, lang: Lang) -> bytes:
    """Give a workbook: the columns on the first sheet, all cells as text; their meaning on the second."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        bold, as_text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(Text(zh="填写", en="Fill in")[lang])
        sheet.set_column(0, len(importable.fields) - 1, 18, as_text)
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet(Text(zh="说明", en="Notes")[lang])
        notes.set_column(0, 3, 34)
        fields = [f for f in importable.fields if not f.record]
        for at, field in enumerate(fields):
            sheet.write_string(0, at, field.label[lang], bold)
        heads = (
            Text(zh="列", en="column"),
            Text(zh="必填", en="required"),
            Text(zh="写法", en="how to write it"),
            Text(zh="含义", en="meaning"),
        )
        for at, line in enumerate([[h[lang] for h in heads], *(_note(f, lang) for f in fields)]):
            for column, word in enumerate(line):
                notes.write_string(at, column, word, bold if at == 0 else None)
    return buffer.getvalue()


def _note(field: ImportField, lang: Lang) -> list[str]:
    required = Text(zh="是", en="yes")[lang] if field.required else ""
    words = [ws[0 if lang == "zh" else 1] for ws in field.choices.values() if len(ws) > 1]
    how = KIND_WORDS[field.kind][lang] + (f": {' / '.join(words)}" if words else "")
    return [field.label[lang], required, how, field.meaning[lang]]
