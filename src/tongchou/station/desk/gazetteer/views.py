"""Pages of a place and of a unit, and the forms that keep them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from tongchou.station.access.context import actor
from tongchou.station.access.managers import require_any
from tongchou.station.desk.forms import saved
from tongchou.station.desk.gazetteer import services
from tongchou.station.desk.gazetteer.forms import GridForm, NewUnitForm, UnitForm
from tongchou.station.desk.gazetteer.gate import MANAGE, may_manage, require_manage
from tongchou.station.desk.gazetteer.lists import CLOSED, IN_USE
from tongchou.station.places.models import LEVEL_NAMES, UNIT_KIND_NAMES, Level, Place, Unit
from tongchou.vocabulary.text import Text, count, same

SAVE = Text(zh="保存", en="Save")
_MAP = Text(zh="{name}在地图上的位置", en="Where {name} lies on the map")
_SHOWN = 200
"""Units or places below that a page shows; the list has them all."""


@require_GET
def place(request: HttpRequest, code: str) -> HttpResponse:
    """Show a place: what lies above and below it, its units, its map."""
    here = get_object_or_404(Place.objects.select_related("parent"), pk=code)
    above = Place.objects.filter(code__in=here.path.rstrip("/").split("/")[:-1]).order_by("path")
    units = Unit.objects.filter(path__startswith=here.path).select_related("place")
    facts = [
        (Text(zh="编码", en="Code"), here.code),
        (Text(zh="层级", en="Level"), LEVEL_NAMES[here.level]),
        (Text(zh="居民人数", en="Residents"), same(count(here.population))),
        (Text(zh="经纬度", en="Longitude, latitude"), _coordinates(here)),
    ]
    return render(
        request,
        "desk/place.html",
        {
            "place": here,
            "above": above,
            "facts": facts,
            "below": here.children.all()[:_SHOWN],
            "units": units[:_SHOWN],
            "unit_count": units.count(),
            "map": _map(here),
            "may_manage": may_manage(actor(), here),
            "grids_here": here.level == Level.COUNTY,
            "is_grid": here.level == Level.GRID,
        },
    )


@require_GET
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """Show a unit with its map."""
    found = get_object_or_404(Unit.objects.select_related("place"), code=code)
    facts = [
        (Text(zh="编码", en="Code"), found.code),
        (Text(zh="类别", en="Kind"), UNIT_KIND_NAMES[found.kind]),
        (Text(zh="状态", en="State"), IN_USE if found.active else CLOSED),
        (Text(zh="经纬度", en="Longitude, latitude"), _coordinates(found)),
    ]
    return render(
        request,
        "desk/unit.html",
        {
            "unit": found,
            "facts": facts,
            "map": _map(found.place, found),
            "may_manage": may_manage(actor(), found),
        },
    )


@require_http_methods(["GET", "POST"])
def new_grid(request: HttpRequest, code: str) -> HttpResponse:
    """Enter a grid of a county."""
    require_any(MANAGE)
    county = get_object_or_404(Place, pk=code, level=Level.COUNTY)
    require_manage(county)
    form = GridForm(request.POST or None)
    if form.is_valid():
        grid = services.add_grid(county, **form.cleaned_data)
        saved(request)
        return redirect("places:place", grid.code)
    title = Text(zh="{county}：新网格", en="{county}: new grid").fill(county=county.name)
    return _form(request, title, form, reverse("places:place", args=[county.code]))


@require_http_methods(["GET", "POST"])
def edit_grid(request: HttpRequest, code: str) -> HttpResponse:
    """Change a grid."""
    grid = get_object_or_404(Place, pk=code, level=Level.GRID)
    require_manage(grid)
    initial = {k: getattr(grid, k) for k in services.GRID_FIELDS}
    form = GridForm(request.POST or None, initial=initial)
    if form.is_valid():
        services.change_grid(grid, **form.cleaned_data)
        saved(request)
        return redirect("places:place", grid.code)
    title = Text(zh="修改{name}", en="Change {name}").fill(name=grid.name)
    return _form(request, title, form, reverse("places:place", args=[grid.code]))


@require_http_methods(["GET", "POST"])
def new_unit(request: HttpRequest) -> HttpResponse:
    """Enter a unit."""
    require_any(MANAGE)
    form = NewUnitForm(request.POST or None, initial={"place": request.GET.get("place", "")})
    if form.is_valid():
        made = services.add_unit(**form.cleaned_data)
        saved(request)
        return redirect("places:unit", made.code)
    return _form(request, Text(zh="新机构", en="New unit"), form, reverse("places:units"))


@require_http_methods(["GET", "POST"])
def edit_unit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a unit."""
    found = get_object_or_404(Unit.objects.select_related("place"), code=code)
    require_manage(found)
    initial = {k: getattr(found, k) for k in services.UNIT_FIELDS} | {"place": found.place.code}
    form = UnitForm(request.POST or None, initial=initial)
    if form.is_valid():
        services.change_unit(found, **form.cleaned_data)
        saved(request)
        return redirect("places:unit", found.code)
    title = Text(zh="修改{name}", en="Change {name}").fill(name=found.name)
    return _form(request, title, form, reverse("places:unit", args=[found.code]))


def _form(request: HttpRequest, title: Text, form: GridForm | UnitForm, back: str) -> HttpResponse:
    context = {"title": title, "form": form, "button": SAVE, "back": back}
    return render(request, "desk/form_page.html", context)


def _coordinates(thing: Place | Unit) -> Text:
    if thing.longitude is None or thing.latitude is None:
        return same("–")
    return same(f"{thing.longitude:.4f}, {thing.latitude:.4f}")


def _map(here: Place, point: Unit | None = None) -> str | None:
    """Draw a place among its neighbours of one level; a grid by its county; the nation by its provinces."""
    area = here.parent if here.level == Level.GRID and here.parent else here
    around = area.parent or area
    codes = around.children.exclude(level=Level.GRID).values_list("code", flat=True)
    spots = [point] if point else [here] if here.level == Level.GRID else []
    at = [
        (p.longitude, p.latitude)
        for p in spots
        if p.longitude is not None and p.latitude is not None
    ]
    from tongchou.station.desk import charts

    name = point.name if point else here.name
    return charts.locator(list(codes) or [area.code], area.code, at, text=_MAP.fill(name=name))
