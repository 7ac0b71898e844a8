"""The log: one JSON object a line, without secrets and without anything about a person.

What is written of a request is its number, method, route, status and time. Arguments, query
strings, forms, statements of the database and messages of exceptions stay out: each may hold a
name. What still looks like a secret, a document number or a telephone number is struck out.
"""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""The number of the request being answered, in every line that it causes."""

STRUCK = "[…]"
_PATTERNS = (
    # header or field, then its value
    re.compile(
        r"(?i)(authorization|proxy-authorization|cookie|set-cookie|x-csrftoken|password\w*|passwd|"
        r"secret\w*|token|api[-_]?key|sessionid|csrftoken|csrfmiddlewaretoken)"
        r"(['\"]?\s*[:=]\s*['\"]?)((?:bearer|basic|token)\s+)?[^\s'\",;&]+"
    ),
    re.compile(r"(?i)()()(?:bearer|basic)\s+[a-z0-9._~+/=-]{8,}"),
    re.compile(r"()()\btch_[A-Za-z0-9_-]{20,}"),
    re.compile(r"()(://[^:/@\s]*:)[^@/\s]+(?=@)"),  # a password in an address
    re.compile(r"()()(?<![\dA-Za-z])\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])\d{2}\d{3}[\dXx](?![\dA-Za-z])"),
    re.compile(r"()()(?<!\d)(?:\+?86[- ]?)?1[3-9]\d{9}(?!\d)"),
    re.compile(r"(?i)()()\b[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b"),
)  # fmt: skip
_JOB_ARGUMENTS = re.compile(r"(\[\d+\])\(.*\)")
_KEPT = ("method", "route", "status", "milliseconds", "job", "queue", "child", "code", "rows")
"""Extra fields that a line may carry; all others are left out."""


def strike(text: str) -> str:
    """Strike out what looks like a secret or a number of a person.

    >>> strike("Authorization: Bearer abc.def-123 for 13812345678")
    'Authorization: […] for […]'
    >>> strike("id 110101199003078515 and password=hunter2")
    'id […] and password=[…]'
    """
    for pattern in _PATTERNS:
        text = pattern.sub(lambda m: f"{m.group(1)}{m.group(2)}{STRUCK}", text)
    return text


class Discreet(logging.Filter):
    """Rewrite a record so that no handler after it can print more than may be known."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Fill in the message, strike it, and drop what it was made from."""
        message = record.getMessage()
        if record.name.startswith("procrastinate"):
            message = _JOB_ARGUMENTS.sub(r"\1", message)
        record.msg, record.args = strike(message), ()
        if record.exc_info and isinstance(record.exc_info[1], BaseException):
            record.exc_text = where(record.exc_info[1])
            record.exc_info = None
        for name in ("request", "server_time", "sql", "params", "duration"):
            record.__dict__.pop(name, None)
        return True


def where(error: BaseException) -> str:
    """Say what kind of exception it was and where, without its message: that may quote a form.

    >>> try:
    ...     int("张三")
    ... except ValueError as error:
    ...     print(where(error).split(" at ")[0])
    ValueError
    """
    told = []
    seen: BaseException | None = error
    while seen is not None and len(told) < 4:
        frames = traceback.extract_tb(seen.__traceback__)[-12:]
        steps = " < ".join(
            f"{f.filename.rpartition('/site-packages/')[2]}:{f.lineno} {f.name}"
            for f in reversed(frames)
        )
        told.append(f"{type(seen).__name__} at {steps}")
        seen = seen.__cause__ or seen.__context__
    return " | caused by ".join(told)


class JsonLines(logging.Formatter):
    """One JSON object for each line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "request": request_id.get(),
            "message": record.getMessage(),
        }
        line |= {k: record.__dict__[k] for k in _KEPT if k in record.__dict__}
        if record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line, ensure_ascii=False, default=str)


def configuration(level: str = "INFO") -> dict[str, object]:
    """Give Django's ``LOGGING``: everything to standard error, through the one filter."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"discreet": {"()": Discreet}},
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {
            "out": {
                "class": "logging.StreamHandler",
                "filters": ["discreet"],
                "formatter": "json",
            }
        },
        "root": {"handlers": ["out"], "level": "WARNING"},
        "loggers": {
            "tongchou": {"level": level},
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},  # refusals have their line already
            "procrastinate": {"level": "WARNING"},
            "gunicorn.error": {"level": "WARNING"},
        },
    }
