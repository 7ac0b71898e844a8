"""Addresses that anyone may read, below ``/public/``."""

from datetime import date

from django.urls import path, register_converter

from tongchou.station.incident.views import public


class Day:
    """A day as ``2020-02-22``."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Read a day; one that is not in the calendar is not there."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        """Write a day."""
        return str(value)


register_converter(Day, "day")

app_name = "public"
urlpatterns = [
    path("", public.bulletins, name="bulletins"),
    path("<slug:place>/", public.latest, name="latest"),
    path("<slug:place>/<day:cut>/", public.bulletin, name="bulletin"),
    path("<slug:place>/<day:cut>/<str:name>", public.data, name="data"),
]
