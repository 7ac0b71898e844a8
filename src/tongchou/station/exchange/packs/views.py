"""Pages of data packs: what is loaded, and the pack of an area to take away."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongchou.station.access.context import actor, system
from tongchou.station.access.managers import require_any
from tongchou.station.desk.forms import lazy
from tongchou.station.desk.templatetags.words import language
from tongchou.station.exchange.models import HeldPack
from tongchou.station.exchange.packs.asking import ask, with_records
from tongchou.station.exchange.packs.held import pack_name, packs_over
from tongchou.station.places.models import LEVEL_NAMES, Level, Place, until
from tongchou.vocabulary.text import Text


class _PlaceChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Place) -> str:
        """Write a place with its level."""
        form = Text(zh="{n}（{l}）", en="{n} ({l})")
        return form.fill(n=obj.name, l=LEVEL_NAMES[obj.level])[language()]


class PackForm(forms.Form):
    """For which area, to which day."""

    place = _PlaceChoice(
        label=lazy("地区", "Area"), queryset=Place.objects.none(), empty_label=None
    )
    cut = forms.DateField(
        label=lazy("数据截至（当日24时）", "Data to (24:00 of the day)"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        path = actor().path
        places = Place.objects.filter(path__gte=path, path__lt=until(path))
        self.fields["place"].queryset = places.exclude(level=Level.GRID)


@require_GET
def packs(request: HttpRequest) -> HttpResponseBase:
    """Show the packs that are loaded, and give the pack that is asked for."""
    require_any("exchange.pack")
    if "place" in request.GET:
        form = PackForm(request.GET)
        if form.is_valid():
            place, cut = form.cleaned_data["place"], form.cleaned_data["cut"]
            name = f"{pack_name(place, cut)}.zip"
            return FileResponse(
                ask(place, cut), as_attachment=True, filename=name, content_type="application/zip"
            )
    else:
        form = PackForm(initial={"place": actor().place, "cut": _usual_day()})
    context = {"form": form, "held": _held(), "records": with_records()}
    return render(request, "exchange/pack_page.html", context)


def _held() -> list[HeldPack]:
    """Give the packs over the post's area: what they are called and cover is no secret below it."""
    place = Place.objects.get(code=actor().place)
    with system("which packs are loaded"):
        return packs_over(place)[::-1]


def _usual_day() -> Any:
    held = _held()
    yesterday = timezone.localdate() - timedelta(days=1)
    return held[0].last if held and held[0].synthetic else yesterday
