"""Names as people type them: Chinese, English, pinyin, initials."""

from functools import lru_cache

from tongchou.vocabulary.place_names import normalise


@lru_cache(maxsize=50_000)
def search_key(zh: str, en: str = "") -> str:
    """Give what a search looks at: both names, pinyin and pinyin initials, plain letters.

    >>> search_key("江岸区", "Jiang'an District")
    '江岸区 jiangandistrict jianganqu jaq'
    """
    from pypinyin import Style, lazy_pinyin

    full = "".join(lazy_pinyin(zh))
    initials = "".join(lazy_pinyin(zh, style=Style.FIRST_LETTER))
    return " ".join(
        dict.fromkeys(k for k in (zh, normalise(en), normalise(full), initials.lower()) if k)
    )


def query_key(typed: str) -> str:
    """Give what a person typed in the form that :func:`search_key` holds.

    >>> query_key("  Jiang'an ")
    'jiangan'
    """
    return normalise(typed.strip())
