"""What holds for every route, written once into the OpenAPI document."""

from typing import Any

from tongchou.station.api.errors import CODES, SENTENCES

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "detail", "request_id"],
            "properties": {
                "code": {"type": "string", "enum": sorted(SENTENCES)},
                "message": {"$ref": "#/components/schemas/Sentence"},
                "detail": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["at", "code", "message"],
                        "properties": {
                            "at": {"type": "string"},
                            "code": {"type": "string"},
                            "message": {"$ref": "#/components/schemas/Sentence"},
                        },
                    },
                },
                "request_id": {"type": "string"},
            },
        }
    },
}
SENTENCE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["zh", "en"],
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
}
_ALWAYS = (400, 401, 403, 404, 405, 422, 429)
_WITH_BODY = (409, 412, 413, 415, 428)
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "the same key and content are answered once, for 24 hours",
}


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Add the errors, and the header of idempotency, to every operation."""
    schemas = document["components"].setdefault("schemas", {})
    schemas["Error"], schemas["Sentence"] = ERROR_SCHEMA, SENTENCE_SCHEMA
    for operations in document["paths"].values():
        for method, operation in operations.items():
            codes = _ALWAYS if method == "get" else _ALWAYS + _WITH_BODY
            for status in codes:
                operation["responses"].setdefault(status, _response(status))
            named = [p["name"] for p in operation.get("parameters", ())]
            if method == "post" and "Idempotency-Key" not in named:
                operation.setdefault("parameters", []).append(_KEY)
    return document


def _response(status: int) -> dict[str, Any]:
    return {
        "description": CODES[status],
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
