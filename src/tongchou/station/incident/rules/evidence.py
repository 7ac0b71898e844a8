"""Which files may be evidence: few kinds, small, and what their name says they are."""

from dataclasses import dataclass

from tongchou.station.incident.errors import BadEvidence
from tongchou.vocabulary.text import Text

MAX_BYTES = 2 * 1024 * 1024
"""Largest file (assumption: a photograph of a page; the administrator may change it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of file: its endings, its type, and how its content begins (empty for plain text)."""

    endings: tuple[str, ...]
    content_type: str
    magic: tuple[bytes, ...]


ZIP = b"PK\x03\x04"
KINDS: tuple[Kind, ...] = (
    Kind(endings=(".pdf",), content_type="application/pdf", magic=(b"%PDF-",)),
    Kind(endings=(".png",), content_type="image/png", magic=(b"\x89PNG\r\n\x1a\n",)),
    Kind(endings=(".jpg", ".jpeg"), content_type="image/jpeg", magic=(b"\xff\xd8\xff",)),
    Kind(
        endings=(".xlsx",),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        magic=(ZIP,),
    ),
    Kind(
        endings=(".docx",),
        content_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        magic=(ZIP,),
    ),
    Kind(endings=(".csv", ".txt"), content_type="text/plain; charset=utf-8", magic=()),
)


def kind_of(filename: str, content: bytes) -> Kind:
    """Give the kind of a file, after checking that its content is of that kind.

    Raises
    ------
    BadEvidence
        If it is empty, too large, of another kind, or not what its name says.
    """
    if not content:
        raise BadEvidence(
            Text(
                zh="文件“{name}”是空的。请重新选择。",
                en="The file “{name}” is empty. Choose another.",
            ).fill(name=filename)
        )
    if len(content) > MAX_BYTES:
        raise BadEvidence(
            Text(
                zh="文件“{name}”有 {size} KB，超过 {limit} KB。请压缩图片，或改填清单链接。",
                en="The file “{name}” has {size} KB, more than {limit} KB. Make the picture smaller, or give a link to the list.",
            ).fill(name=filename, size=len(content) // 1024, limit=MAX_BYTES // 1024)
        )
    kind = next((k for k in KINDS if filename.lower().endswith(k.endings)), None)
    if kind is None:
        raise BadEvidence(
            Text(
                zh="不接受“{name}”这类文件。可用：PDF、PNG、JPEG、XLSX、DOCX、CSV、TXT。",
                en="A file like “{name}” is not taken. Use PDF, PNG, JPEG, XLSX, DOCX, CSV or TXT.",
            ).fill(name=filename)
        )
    if not _matches(kind, content):
        raise BadEvidence(
            Text(
                zh="“{name}”的内容与扩展名不符，可能被改过名或已损坏。请上传原文件。",
                en="The content of “{name}” is not what its name says: it may be renamed or damaged. Give the original file.",
            ).fill(name=filename)
        )
    return kind


def _matches(kind: Kind, content: bytes) -> bool:
    if kind.magic:
        return content.startswith(kind.magic)
    try:
        return "\x00" not in content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False


def safe_name(filename: str) -> str:
    r"""Give the last part of a file name without characters that steer a terminal or a header.

    >>> safe_name("../a\\b\r\n“名单”.csv")
    'b“名单”.csv'
    """
    last = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable() and c not in '"<>|:*?')[-120:]
