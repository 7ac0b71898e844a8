"""Which language to speak to the reader in."""

import os

from tongchou.vocabulary.text import Lang


def reader_language(arguments: list[str]) -> Lang:
    """Give the language to speak to the reader in.

    >>> reader_language(["morning", "--lang", "zh"]), reader_language(["morning", "--lang=en"])
    ('zh', 'en')
    """
    for before, word in zip(["", *arguments], arguments, strict=False):
        if before == "--lang" and word in ("zh", "en"):
            return "zh" if word == "zh" else "en"
        if word in ("--lang=zh", "--lang=en"):
            return "zh" if word.endswith("zh") else "en"
    named = (
        os.environ.get("TONGCHOU_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    )
    return "zh" if named.lower().startswith("zh") else "en"
