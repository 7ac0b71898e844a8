"""Faults of a bundle, each at its place, as an ``OperationOutcome``."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One fault: where (FHIRPath), of what kind (a code of ``issue-type``), and what to do."""

    at: str
    kind: str
    text: Text


class NotTaken(TongchouError):
    """A bundle that was not taken in; nothing of it was kept."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__(self.issues)

    def text(self) -> Text:
        """Give every fault, one a line."""
        return Text(
            zh="\n".join(f"{i.at}：{i.text.zh}" for i in self.issues),
            en="\n".join(f"{i.at}: {i.text.en}" for i in self.issues),
        )


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """Give the resource; the text of each issue holds both languages."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": issue.kind,
                "details": {"text": f"{issue.text.zh} / {issue.text.en}"},
                "expression": [issue.at],
            }
            for issue in issues
        ],
    }


_SAID = {
    "unknown_element": Text(
        zh="本站不保存此元素，收下会丢失内容。请删去，或改用说明页所列的元素。",
        en="This element is not kept here, and taking it would lose it. Leave it out, or use one that the page on FHIR lists.",
    ),
    "structure": Text(
        zh="不符合 FHIR R4：{said}。", en="Not as FHIR R4 has it: {said}."
    ),
    "missing": Text(zh="缺少此元素。请补上。", en="This element is missing. Add it."),
    "unknown_code": Text(
        zh="不认识代码 {code}。可用：{known}。", en="The code {code} is not known here. Known: {known}."
    ),
    "unknown_type": Text(
        zh="不接受此类资源。可用：Patient、Condition、Observation、Specimen。",
        en="Resources of this type are not taken. Taken: Patient, Condition, Observation, Specimen.",
    ),
    "reference": Text(
        zh="引用 {to} 不在此包中，也不在您可见的记录中。请一并发送该资源。",
        en="The reference {to} is neither in this bundle nor among the records you may see. Send that resource with it.",
    ),
    "twice": Text(zh="此标识在包中出现两次。请只留一个。", en="This identifier stands in the bundle twice. Keep one."),
    "contradiction": Text(
        zh="与 {other} 矛盾。请更正其中之一。", en="It contradicts {other}. Correct one of the two."
    ),
    "day": Text(zh="须精确到日，如 2020-02-03。", en="It has to name a day, such as 2020-02-03."),
    "moment": Text(
        zh="须精确到时刻并带时区，如 2020-02-03T10:05:00+08:00。",
        en="It has to name a time with its zone, such as 2020-02-03T10:05:00+08:00.",
    ),
    "identity": Text(
        zh="此岗位不能写入姓名、证件、电话和住址。请删去，只用化名标识。",
        en="This post may not write names, documents, telephone numbers or addresses. Leave them out and identify by pseudonym.",
    ),
    "bundle": Text(
        zh="应为 transaction 或 collection 类型的 Bundle。", en="This has to be a Bundle of type transaction or collection."
    ),
    "request": Text(
        zh="transaction 的条目须有 request，method 为 POST 或 PUT。",
        en="An entry of a transaction needs a request with the method POST or PUT.",
    ),
}  # fmt: skip


def issue(at: str, kind: str, word: str, **values: object) -> Issue:
    """Give an issue in words of ours."""
    return Issue(at=at, kind=kind, text=_SAID[word].fill(**values))
