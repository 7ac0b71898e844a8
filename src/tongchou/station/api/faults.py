"""Faults of a body in words, and bodies that could never be stored."""

import json
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from tongchou.station.api.errors import Problem, fault
from tongchou.vocabulary.text import Text, same

LARGEST = 2**63 - 1
"""The largest whole number a column of the database holds."""
DEEPEST = 64

_WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "missing": Text(zh="缺少此项。请补上。", en="This is missing. Add it."),
        "extra_forbidden": Text(zh="没有这一项。请核对名称或删去。", en="There is no such field. Check its name, or leave it out."),
        "json": Text(zh="正文不是 JSON。请核对括号、引号和逗号。", en="The body is not JSON. Check its brackets, quotes and commas."),
        "nul": Text(zh="含有 NUL 字符，数据库不能保存。请删去。", en="It holds a NUL character, which the database cannot store. Remove it."),
        "surrogate": Text(zh="含有残缺的字符（孤立代理码）。请用完整的 UTF-8。", en="It holds half a character (a lone surrogate). Send whole UTF-8."),
        "out_of_range": Text(zh="数值超出可保存的范围。请核对。", en="A value lies beyond what can be stored. Check it."),
        "not_finite": Text(zh="数值须为有限数。", en="A number has to be finite."),
        "too_deep": Text(zh="嵌套过深（最多 64 层）。", en="It is nested too deeply (64 levels at most)."),
        "repeated_name": Text(zh="同一对象中有重名的项。请只留一个。", en="An object names the same field twice. Keep one."),
        "enum": Text(zh="不是可用的值。可用：{expected}。", en="Not one of the allowed values: {expected}."),
        "literal_error": Text(zh="不是可用的值。可用：{expected}。", en="Not one of the allowed values: {expected}."),
        "string_too_long": Text(zh="过长：最多 {max_length} 个字符。", en="Too long: at most {max_length} characters."),
        "string_too_short": Text(zh="过短：至少 {min_length} 个字符。", en="Too short: at least {min_length} characters."),
        "string_type": Text(zh="应为文字。", en="This has to be text."),
        "string_pattern_mismatch": Text(zh="写法不对，应符合 {pattern}。", en="Not written as it should be: {pattern}."),
        "int_type": Text(zh="应为整数。", en="This has to be a whole number."),
        "int_parsing": Text(zh="应为整数。", en="This has to be a whole number."),
        "int_from_float": Text(zh="应为整数。", en="This has to be a whole number."),
        "float_type": Text(zh="应为数值。", en="This has to be a number."),
        "float_parsing": Text(zh="应为数值。", en="This has to be a number."),
        "bool_type": Text(zh="应为 true 或 false。", en="This has to be true or false."),
        "bool_parsing": Text(zh="应为 true 或 false。", en="This has to be true or false."),
        "date_type": Text(zh="应为日期，如 2020-02-22。", en="This has to be a date, such as 2020-02-22."),
        "date_parsing": Text(zh="应为日期，如 2020-02-22。", en="This has to be a date, such as 2020-02-22."),
        "date_from_datetime_parsing": Text(zh="应为日期，如 2020-02-22。", en="This has to be a date, such as 2020-02-22."),
        "date_from_datetime_inexact": Text(zh="应为日期，不带时刻。", en="This has to be a date without a time."),
        "datetime_type": Text(zh="应为时刻，如 2020-02-22T08:00:00+08:00。", en="This has to be a time, such as 2020-02-22T08:00:00+08:00."),
        "datetime_parsing": Text(zh="应为时刻，如 2020-02-22T08:00:00+08:00。", en="This has to be a time, such as 2020-02-22T08:00:00+08:00."),
        "datetime_from_date_parsing": Text(zh="应为时刻，如 2020-02-22T08:00:00+08:00。", en="This has to be a time, such as 2020-02-22T08:00:00+08:00."),
        "list_type": Text(zh="应为数组。", en="This has to be a list."),
        "model_type": Text(zh="应为对象。", en="This has to be an object."),
        "model_attributes_type": Text(zh="应为对象。", en="This has to be an object."),
        "dict_type": Text(zh="应为对象。", en="This has to be an object."),
        "greater_than_equal": Text(zh="过小：至少为 {ge}。", en="Too small: at least {ge}."),
        "greater_than": Text(zh="过小：须大于 {gt}。", en="Too small: more than {gt}."),
        "less_than_equal": Text(zh="过大：至多为 {le}。", en="Too large: at most {le}."),
        "less_than": Text(zh="过大：须小于 {lt}。", en="Too large: less than {lt}."),
        "too_long": Text(zh="过多：最多 {max_length} 项。", en="Too many: at most {max_length}."),
        "too_short": Text(zh="过少：至少 {min_length} 项。", en="Too few: at least {min_length}."),
    }
)  # fmt: skip


def in_words(kind: str, said: str = "", **values: object) -> Text:
    """Give a kind of fault in both languages; a kind without words of ours says what the checker said."""
    if kind in _WORDS:
        return _WORDS[kind].fill(**values)
    return Text(
        zh=f"此值不可用：{said or kind}。", en=f"This value cannot be used: {said or kind}."
    )


def faults_of(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, object]]:
    """Give the faults that a checked body, query or path has, each at its place."""
    return [
        fault(
            _place(error["loc"]),
            error["type"],
            in_words(error["type"], error.get("msg", ""), **_plain(error.get("ctx", {}))),
        )
        for error in errors
    ]


def _place(steps: Sequence[object]) -> str:
    """Write where a fault stands; the name that our code gives the body is nothing to the sender."""
    kept = [steps[0], *steps[2:]] if steps and steps[0] == "body" else steps
    return ".".join(str(step) for step in kept)


def _plain(context: Mapping[str, Any]) -> dict[str, object]:
    return {name: same(str(value)) for name, value in context.items()}


def plain_json(body: bytes) -> Any:
    """Read JSON that can be stored: every fault at its place.

    Raises
    ------
    Problem
        400 if it is not JSON in UTF-8, 422 if it holds what cannot be stored.
    """
    try:
        written = body.decode("utf-8")
        content = json.loads(written, object_pairs_hook=_object)
    except UnicodeDecodeError:
        raise Problem(400, detail=[fault("body", "json", in_words("json"))]) from None
    except json.JSONDecodeError as found:
        place = f"body:{found.lineno}:{found.colno}"
        raise Problem(400, detail=[fault(place, "json", in_words("json"))]) from None
    except ValueError:  # a whole number of thousands of digits
        detail = [fault("body", "out_of_range", in_words("out_of_range"))]
        raise Problem(422, detail=detail, n=1) from None
    except RecursionError:
        raise Problem(422, detail=[fault("body", "too_deep", in_words("too_deep"))], n=1) from None
    found = list(_unstorable(content, "body", 0))
    if found:
        raise Problem(422, detail=found, n=len(found))
    return content


class _Twice(dict):
    """An object in which a name stood twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else _Twice(made)


def _unstorable(content: Any, at: str, depth: int) -> Iterable[dict[str, object]]:
    if depth > DEEPEST:
        yield fault(at, "too_deep", in_words("too_deep"))
    elif isinstance(content, str):
        yield from _text(content, at)
    elif isinstance(content, float):
        if content != content or content in (float("inf"), float("-inf")):
            yield fault(at, "not_finite", in_words("not_finite"))
    elif isinstance(content, int):
        if not -LARGEST - 1 <= content <= LARGEST:
            yield fault(at, "out_of_range", in_words("out_of_range"))
    elif isinstance(content, dict):
        if isinstance(content, _Twice):
            yield fault(at, "repeated_name", in_words("repeated_name"))
        for name, value in content.items():
            yield from _text(name, at)
            yield from _unstorable(value, f"{at}.{name}", depth + 1)
    elif isinstance(content, list):
        for n, value in enumerate(content):
            yield from _unstorable(value, f"{at}.{n}", depth + 1)


def _text(words: str, at: str) -> Iterable[dict[str, object]]:
    if "\0" in words:
        yield fault(at.replace("\0", ""), "nul", in_words("nul"))
    if any("\ud800" <= c <= "\udfff" for c in words):
        yield fault(_whole(at), "surrogate", in_words("surrogate"))


def _whole(at: str) -> str:
    return at.encode("utf-8", "replace").decode()
