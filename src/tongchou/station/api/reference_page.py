"""``docs/reference/api.md``, written from the OpenAPI document and the table of errors."""

from typing import Any

from tongchou.station.api.errors import CODES, SENTENCES
from tongchou.station.api.reference import Route, routes

GENERATED = "<!-- 自动生成，请勿手改：make docs。 Generated, do not edit: make docs. -->"


def api_page(document: dict[str, Any]) -> str:
    """Give the page.

    Parameters
    ----------
    document
        The OpenAPI document of the interface.
    """
    groups = "\n".join(
        f"## {group}\n\n" + "\n".join(_route(r) for r in found) for group, found in routes(document)
    )
    statuses = {code: status for status, code in CODES.items()}
    errors = "\n".join(
        f"| `{code}` | {statuses.get(code, _STATUS.get(code, ''))} | {text.zh} | {text.en} |"
        for code, text in SENTENCES.items()
    )
    return f"""# 接口 · API

{GENERATED}

地址、参数与字段。怎么用见[指南](../guides/api.md)；FHIR 见[方法页](../methods/fhir.md)。机器可读的同一内容在 `/api/openapi.json`。

Addresses, parameters and fields. How to use them: the [guide](../guides/api.md); FHIR: the [methods page](../methods/fhir.md). The same for machines: `/api/openapi.json`.

## 错误 · Errors

形状只有一种：`{{"error": {{"code", "message": {{"zh", "en"}}, "detail": [{{"at", "code", "message"}}], "request_id"}}}}`。FHIR 包的内容错误以 `OperationOutcome` 回答。

There is one shape, as above. Faults in the content of a FHIR bundle are answered with an `OperationOutcome`.

| code | HTTP | 说明 | Meaning |
|---|---|---|---|
{errors}

{groups}"""


_STATUS = {"no_post": 403, "unencrypted": 403, "sign_in_unfinished": 403, "key_reused": 409}


def _route(route: Route) -> str:
    head = (
        f"### `{route.method} {route.path}`\n\n{route.title.zh} · {route.title.en}. {route.note}\n"
    )
    if not route.fields:
        return head
    rows = "\n".join(
        f"| `{f.name}` | {f.where} | {f.kind.replace('|', '/')} | {'✓' if f.required else ''} | {f.note} |"
        for f in route.fields
    )
    return f"{head}\n| 名称 Name | 位置 Where | 类型 Type | 必填 Required | 说明 Note |\n|---|---|---|---|---|\n{rows}\n"
