"""Routes of FHIR under ``/api/fhir``."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from tongchou.station.access.managers import require_any
from tongchou.station.api.faults import plain_json
from tongchou.station.api.paging import Paging, page_of
from tongchou.station.audit.record import record
from tongchou.station.exchange.fhir import bundles, capability
from tongchou.station.exchange.fhir.outcome import NotTaken, outcome
from tongchou.station.exchange.fhir.port import KINDS, Kind, port
from tongchou.station.exchange.fhir.receiving import RESULT, receive
from tongchou.station.exchange.fhir.records import Story
from tongchou.station.exchange.fhir.writing import condition, observation, patient, specimen

router = Router()
MEDIA = "application/fhir+json"
EXPORT = "exchange.export"
STATUS = {"created": "201 Created", "updated": "200 OK", "unchanged": "304 Not Modified"}
WRITE: dict[str, Callable[[Story], list[dict[str, Any]]]] = {
    "Patient": lambda story: [patient(p) for p in story.persons],
    "Condition": lambda story: [condition(c) for c in story.cases],
    "Specimen": lambda story: [specimen(s) for s in story.samples],
    "Observation": lambda story: [observation(s) for s in story.samples if s.result],
}


class Asked(Schema):
    """Which page, and whether with names."""

    cursor: str = Field("", max_length=600, description="from the link `next` of the page before")
    count: int = Field(100, ge=1, le=500, alias="_count", description="records of a page")
    names: bool = Field(
        False, description="with names, documents, telephones and addresses; needs cases.identity"
    )

    @property
    def paging(self) -> Paging:
        """The page in the words of the interface."""
        return Paging(cursor=self.cursor, limit=self.count)


_BUNDLE_IN = {
    "requestBody": {
        "required": True,
        "content": {
            MEDIA: {
                "schema": {
                    "type": "object",
                    "required": ["resourceType", "type"],
                    "properties": {
                        "resourceType": {"const": "Bundle"},
                        "type": {"enum": ["transaction", "collection"]},
                        "entry": {"type": "array", "items": {"type": "object"}},
                    },
                }
            }
        },
    }
}


@router.get("/metadata", summary="能力声明 · What this server of FHIR can do")
def metadata(request: HttpRequest) -> HttpResponse:
    """Give the CapabilityStatement."""
    return _fhir(capability.statement())


@router.post("", summary="收入 FHIR 包 · Take a bundle in", openapi_extra=_BUNDLE_IN)
def take(request: HttpRequest) -> HttpResponse:
    """Take in a Bundle of type transaction or collection: all of it or nothing."""
    try:
        done = receive(plain_json(request.body))
    except NotTaken as refused:
        return _fhir(outcome(refused.issues), status=422)
    return _fhir(
        {
            "resourceType": "Bundle",
            "type": "transaction-response",
            "entry": [
                {"response": {"status": STATUS[what], "location": f"{kind}/{number}"}}
                for kind, number, what in done
            ],
        }
    )


@router.get("/export", summary="个案连同人员、样本与结果 · Cases with persons, samples and results")
def export(request: HttpRequest, asked: Query[Asked]) -> HttpResponse:
    """Give cases page by page, each page a Bundle of type collection that can be sent elsewhere."""
    require_any(EXPORT)
    page, story = _page("Condition", asked)
    bundle = bundles.collection(story, at=timezone.now())
    response = _fhir({**bundle, "link": _links(request, asked, page)})
    response["X-Total-Count"] = str(page["count"])
    return response


def _search(kind: Kind) -> Callable[..., HttpResponse]:
    def search(request: HttpRequest, asked: Query[Asked]) -> HttpResponse:
        if not (kind in ("Specimen", "Observation") and RESULT in request.actor.may):
            require_any(EXPORT)
        page, story = _page(kind, asked)
        return _fhir(
            {
                "resourceType": "Bundle",
                "type": "searchset",
                "total": page["count"],
                "link": _links(request, asked, page),
                "entry": [
                    {"fullUrl": bundles.full_url(r), "resource": r, "search": {"mode": "match"}}
                    for r in WRITE[kind](story)
                ],
            }
        )

    search.__name__ = f"search_{kind.lower()}"
    search.__doc__ = (
        f"List the {kind} resources within reach, page by page, in a Bundle of type searchset."
    )
    return search


for _kind in KINDS:
    router.get(f"/{_kind}", summary=f"{_kind} 列表 · Resources of type {_kind}")(_search(_kind))


def _page(kind: Kind, asked: Asked) -> tuple[dict[str, Any], Story]:
    """Give a page of rows and what they tell; the reading is audited."""
    if asked.names:
        require_any("cases.identity")
    page = page_of(port().rows(kind), asked.paging, order=("pk",))
    story = port().story(kind, page["items"], names=asked.names)
    record(EXPORT, f"fhir:{kind}", rows=len(page["items"]), names=asked.names)
    return page, story


def _links(request: HttpRequest, asked: Asked, page: dict[str, Any]) -> list[dict[str, str]]:
    links = [{"relation": "self", "url": request.build_absolute_uri()}]
    if page["next"]:
        query = {"_count": asked.count, "cursor": page["next"]}
        if asked.names:
            query["names"] = "true"
        links.append(
            {
                "relation": "next",
                "url": request.build_absolute_uri(f"{request.path}?{urlencode(query)}"),
            }
        )
    return links


def _fhir(content: dict[str, Any], status: int = 200) -> HttpResponse:
    if content.get("entry") == [] or content.get("link") == []:
        content = {k: v for k, v in content.items() if v != []}
    response = JsonResponse(
        content, status=status, content_type=MEDIA, json_dumps_params={"ensure_ascii": False}
    )
    response.in_shape = True
    return response
