"""Every route in words, from the OpenAPI document: for the page in the station and the one in the docs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tongchou.vocabulary.text import Text

_PREFIX = "#/components/schemas/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A parameter, or a field of a body or answer."""

    name: str
    where: str
    kind: str
    required: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one address."""

    method: str
    path: str
    title: Text
    note: str
    fields: tuple[Field, ...]
    answers: tuple[str, ...]


def routes(document: dict[str, Any]) -> list[tuple[str, list[Route]]]:
    """Give the routes by the first part of their address."""
    groups: dict[str, list[Route]] = {}
    for path, operations in sorted(document["paths"].items()):
        for method, operation in operations.items():
            group = path.removeprefix("/api/").partition("/")[0]
            groups.setdefault(group, []).append(_route(document, path, method, operation))
    return list(groups.items())


def _route(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Route:
    zh, mark, en = operation.get("summary", "").partition(" · ")
    return Route(
        method=method.upper(),
        path=path,
        title=Text(zh=zh, en=en if mark else zh),
        note=operation.get("description", "").partition("\n\n")[0].replace("\n", " "),
        fields=tuple(_fields(document, operation)),
        answers=tuple(str(status) for status in sorted(operation["responses"], key=int)),
    )


def _fields(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[Field]:
    for given in operation.get("parameters", []):
        yield Field(
            name=given["name"],
            where=given["in"],
            kind=_kind(given.get("schema", {})),
            required=bool(given.get("required")),
            note=given.get("description") or given.get("schema", {}).get("description", ""),
        )
    content = operation.get("requestBody", {}).get("content", {})
    for body in content.values():
        yield from _of_schema(document, body.get("schema", {}), "body")


def _of_schema(document: dict[str, Any], schema: dict[str, Any], where: str) -> Iterator[Field]:
    name = schema.get("$ref", "").removeprefix(_PREFIX)
    whole = document["components"]["schemas"].get(name, schema)
    required = set(whole.get("required", ()))
    for field, described in whole.get("properties", {}).items():
        yield Field(
            name=field,
            where=where,
            kind=_kind(described),
            required=field in required,
            note=described.get("description", ""),
        )


def _kind(schema: dict[str, Any]) -> str:
    """Write the type of a value in a word or two."""
    if "$ref" in schema:
        return schema["$ref"].removeprefix(_PREFIX)
    if "enum" in schema:
        return " | ".join(str(v) for v in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    for joint in ("anyOf", "oneOf", "allOf"):
        if joint in schema:
            return " | ".join(
                dict.fromkeys(_kind(s) for s in schema[joint] if s.get("type") != "null")
            )
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "")
