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


LONGEST = 300


def word_key(name: str) -> str:
    """Give the words by whose beginning a person is found: characters, pinyin and initials, from each syllable on.

    >>> word_key("张小明")
    '张小明 zhangxiaoming zxm 小明 xiaoming xm 明 ming m'
    >>> word_key("Ana López")
    'analopez al lopez l'
    """
    from pypinyin import lazy_pinyin

    written = name.split() if name.isascii() or " " in name else list(name)
    spoken = [normalise("".join(lazy_pinyin(part))) for part in written]
    words: dict[str, None] = {}
    for first in range(len(written)):
        plain = [normalise("".join(written[first:])), "".join(spoken[first:])]
        for word in (*plain, "".join(s[:1] for s in spoken[first:])):
            if word and len(" ".join((*words, word))) <= LONGEST:
                words[word] = None
    return " ".join(words)


def query_key(typed: str) -> str:
    """Give what a person typed in the form that :func:`search_key` holds.

    >>> query_key("  Jiang'an ")
    'jiangan'
    """
    return normalise(typed.strip())
