"""Forms of the order of the day: asking for one, answering a line."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from tongchou.station.access.context import actor
from tongchou.station.desk.forms import lazy
from tongchou.station.desk.templatetags.words import language
from tongchou.station.incident.forms.fields import Day, Moment, PlaceChoice, words
from tongchou.station.incident.models import OrderLine
from tongchou.station.incident.models.order import Reply
from tongchou.station.incident.services.orders import proposed_due
from tongchou.station.places.models import Level, Place, until
from tongchou.vocabulary.text import Text


class AskForm(forms.Form):
    """Ask for an order: for which place, from data to which day."""

    place = PlaceChoice(
        label=lazy("地区", "Place"), queryset=Place.objects.none(), empty_label=None
    )
    cut = Day(
        label=lazy("数据截至（当日24时）", "Data to (24:00 of the day)"),
    )

    def __init__(self, place: Place, cut: Any, *args: Any, **options: Any) -> None:
        super().__init__(*args, initial={"place": place.pk, "cut": cut}, **options)
        path = actor().path
        self.fields["place"].queryset = Place.objects.filter(
            path__gte=path, path__lt=until(path)
        ).exclude(level=Level.GRID)
        self.latest = max(cut, timezone.localdate() - timedelta(days=1))

    def clean_cut(self) -> Any:
        """Refuse a day that is not over."""
        cut = self.cleaned_data["cut"]
        if cut > self.latest:
            raise forms.ValidationError(
                lazy(
                    "这一天的数据还没有到齐，请选更早的一天。",
                    "The data of this day are not in yet; choose an earlier one.",
                )
            )
        return cut


class AnswerForm(forms.Form):
    """An answer to one decision: sign, change, refuse."""

    reply = forms.ChoiceField(choices=Reply.choices, required=True)
    text_zh = words("内容（中文）", "What, in Chinese")
    text_en = words("内容（英文）", "What, in English", most=900)
    owner = forms.CharField(label=lazy("承办单位", "Owner"), max_length=160, required=False)
    due = Moment(label=lazy("完成时限", "Due"), required=False)
    reason = forms.CharField(label=lazy("理由", "Reason"), max_length=600, required=False)

    def __init__(self, line: OrderLine, *args: Any, **options: Any) -> None:
        said, due = line.words, line.due or proposed_due(line)
        super().__init__(
            *args,
            prefix=f"l{line.number}",
            initial={
                "reply": line.reply,
                "text_zh": said.zh,
                "text_en": said.en,
                "owner": line.owner or line.said("owner")[language()],
                "due": timezone.localtime(due),
                "reason": line.reason,
            },
            **options,
        )

    def given(self) -> dict[str, Any]:
        """Give what the answer says, as the service takes it."""
        data = self.cleaned_data
        return {
            "text": Text(zh=data["text_zh"].strip(), en=data["text_en"].strip()),
            "owner": data["owner"],
            "due": data["due"],
            "reason": data["reason"],
        }
