"""Forms of a grid and of a unit."""

from typing import Any

from django import forms

from tongchou.station.access.context import actor
from tongchou.station.desk.forms import lazy, lazy_text
from tongchou.station.places.models import UNIT_KIND_NAMES, Place, Unit

_LONGITUDE = {"min_value": -180, "max_value": 180}
_LATITUDE = {"min_value": -90, "max_value": 90}


class _Named(forms.Form):
    """What grids and units have in common."""

    name_zh = forms.CharField(label=lazy("中文名称", "Name in Chinese"), max_length=120)
    name_en = forms.CharField(
        label=lazy("英文名称", "Name in English"),
        max_length=160,
        help_text=lazy("没有正式英文名时填拼音。", "Where there is no English name, write pinyin."),
    )
    longitude = forms.FloatField(
        label=lazy("经度", "Longitude"),
        required=False,
        help_text=lazy(
            "东经为正，如 106.28；可留空。", "East is positive, such as 106.28; may stay empty."
        ),
        **_LONGITUDE,
    )
    latitude = forms.FloatField(
        label=lazy("纬度", "Latitude"),
        required=False,
        help_text=lazy(
            "北纬为正，如 38.47；可留空。", "North is positive, such as 38.47; may stay empty."
        ),
        **_LATITUDE,
    )

    def clean(self) -> dict[str, Any]:
        """Ask for both coordinates or neither."""
        given = super().clean() or {}
        if (given.get("longitude") is None) != (given.get("latitude") is None):
            self.add_error(
                "latitude",
                lazy(
                    "经度和纬度要么都填，要么都不填。",
                    "Enter both longitude and latitude, or neither.",
                ),
            )
        return given


class GridForm(_Named):
    """A community grid."""

    population = forms.IntegerField(
        label=lazy("居民人数", "Residents"), min_value=0, max_value=10_000_000, required=False
    )


class PlaceField(forms.CharField):
    """A place by its code; a name may follow the code."""

    def to_python(self, value: Any) -> Any:
        """Give the place."""
        typed = super().to_python(value)
        if not typed:
            return None
        found = Place.objects.filter(code=typed.split()[0]).first()
        if found is None:
            raise forms.ValidationError(
                lazy(
                    "没有这个编码的地区。请从提示中选择。",
                    "No place has this code. Choose one of those suggested.",
                )
            )
        return found


class UnitForm(_Named):
    """A hospital, laboratory, depot, firm or office."""

    kind = forms.ChoiceField(
        label=lazy("类别", "Kind"),
        choices=lambda: [(k, lazy_text(t)) for k, t in UNIT_KIND_NAMES.items()],
    )
    place = PlaceField(
        label=lazy("所在地区", "Place"),
        help_text=lazy(
            "区县或网格的编码，如 640104。", "Code of a county or grid, such as 640104."
        ),
    )
    active = forms.BooleanField(label=lazy("在用", "In use"), required=False, initial=True)
    field_order: tuple[str, ...] = (
        "name_zh", "name_en", "kind", "place", "longitude", "latitude", "active",
    )  # fmt: skip

    def clean_place(self) -> Place:
        """Ask for a place of the area."""
        place: Place = self.cleaned_data["place"]
        if not place.path.startswith(actor().path):
            raise forms.ValidationError(
                lazy("这个地区不在您的职责范围内。", "This place is not within your duties.")
            )
        return place


class NewUnitForm(UnitForm):
    """A unit that is not there yet: its code too."""

    code = forms.RegexField(
        r"^[A-Za-z0-9_-]+$",
        label=lazy("机构编码", "Code of the unit"),
        max_length=40,
        required=False,
        help_text=lazy(
            "字母、数字、短横线；留空则自动编号。以后不能改。",
            "Letters, digits, hyphens; left empty it gets a number. It cannot be changed later.",
        ),
    )
    field_order = ("code", *UnitForm.field_order)

    def clean_code(self) -> str:
        """Ask for a code that is not taken."""
        code: str = self.cleaned_data["code"]
        if code and Unit.objects.filter(code=code).exists():
            raise forms.ValidationError(lazy("这个编码已被使用。", "This code is taken."))
        return code
