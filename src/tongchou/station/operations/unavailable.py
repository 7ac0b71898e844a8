"""The page shown while the database is away: in both languages, needing nothing at all."""

from django.http import HttpResponse

from tongchou.vocabulary.text import Text

_AWAY = Text(
    zh="数据库暂时无法使用。已保存的内容不受影响；刚才这一次提交没有保存。请约 15 秒后重试，若持续出现，请告知值班技术人员。",
    en="The database is away for the moment. What was saved is safe; what you have just sent was not saved. Try again in about 15 seconds; if it stays so, tell the technician on duty.",
)
_FULL = Text(
    zh="服务器磁盘已满，无法保存。已保存的内容不受影响；刚才这一次提交没有保存。请立即告知值班技术人员腾出空间，之后无需重启即可继续。",
    en="The server's disk is full and nothing can be saved. What was saved is safe; what you have just sent was not saved. Tell the technician on duty to free space at once; work then goes on without a restart.",
)
_PAGE = """<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>暂时无法使用 · Unavailable</title></head>
<body><main>
<h1>暂时无法使用 · Unavailable</h1>
<p>{zh}</p>
<p lang="en">{en}</p>
<p><small>{number}</small></p>
</main></body></html>
"""


def page(*, full: bool, number: str) -> HttpResponse:
    """Give the page; ``number`` is that of the request, for whoever looks into the log."""
    said = _FULL if full else _AWAY
    return HttpResponse(
        _PAGE.format(zh=said.zh, en=said.en, number=number),
        status=503,
        headers={"Cache-Control": "no-store"},
    )
