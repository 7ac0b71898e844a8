"""The one interface: routers of all apps, one way of signing in, one shape of errors."""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import APIKeyCookie, HttpBearer

from tongchou.station.access.managers import Refused
from tongchou.station.access.policy import Actor
from tongchou.station.api.conditional import NotModified
from tongchou.station.api.entrance import not_signed_in
from tongchou.station.api.errors import CODES, Problem, answer, fault
from tongchou.station.api.faults import faults_of, in_words, plain_json
from tongchou.station.api.openapi import completed
from tongchou.station.api.registry import mounted
from tongchou.station.audit.record import record_refusal
from tongchou.vocabulary.errors import BadInput, NotFound, TongchouError
from tongchou.vocabulary.text import Text, same


class Token(HttpBearer):
    """A token, already known at the entrance."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Give the actor behind the token."""
        return request.actor if request.api_token is not None else None


class Session(APIKeyCookie):
    """A session of the pages; changes need the CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Actor | None:
        """Give the actor of the session, once the CSRF token is right."""
        return super().__call__(request) if request.actor is not None else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Give the actor of the session."""
        return request.actor


class Reader(Parser):
    """Bodies of plain JSON that the database can hold."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Give the content of a body."""
        return plain_json(request.body)


class Ground(NinjaAPI):
    """The interface with what holds for all routes written into its description."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """Give the OpenAPI document."""
        return completed(super().get_openapi_schema(**options))


@cache
def ground() -> Ground:
    """Give the interface with every router that was registered."""
    api = Ground(
        title="统筹接口 · tongchou API",
        version="1",
        urls_namespace="api:rest",
        docs_url=None,
        auth=[Token(), Session()],
        parser=Reader(),
    )
    for entry in mounted():
        router: Router = import_string(entry.router)
        api.add_router(entry.prefix, router, tags=[entry.prefix.strip("/")])
    _hold_shape(api)
    return api


def _hold_shape(api: NinjaAPI) -> None:
    for kind, handle in _HANDLERS.items():
        api.add_exception_handler(kind, handle)


def _problem(request: HttpRequest, found: Problem) -> HttpResponse:
    return answer(request, found)


def _refused(request: HttpRequest, found: Refused) -> HttpResponse:
    record_refusal(found.action, found.resource, found.decision.reason.zh)
    return answer(request, Problem(404))


def _absent(request: HttpRequest, _: Exception) -> HttpResponse:
    return answer(request, Problem(404))


def _bad_input(request: HttpRequest, found: BadInput) -> HttpResponse:
    detail = [
        fault(
            ".".join(str(p) for p in (f.file, f.row, f.column) if p is not None),
            "contract",
            Text(zh=f"{f.problem.zh}{f.remedy.zh}", en=f"{f.problem.en} {f.remedy.en}"),
        )
        for f in found.faults
    ]
    return answer(request, Problem(422, detail=detail, n=len(detail)))


def _ours(request: HttpRequest, found: TongchouError) -> HttpResponse:
    """Answer any other refusal of the project; its class may name the status it means."""
    return answer(request, Problem(getattr(found, "http_status", 422), text=found.text()))


def _invalid(request: HttpRequest, found: ValidationError) -> HttpResponse:
    detail = faults_of(found.errors)
    return answer(request, Problem(422, detail=detail, n=len(detail)))


def _model_invalid(request: HttpRequest, found: DjangoValidationError) -> HttpResponse:
    named = found.message_dict if hasattr(found, "error_dict") else {"": found.messages}
    detail = [
        fault(f"body.{name}".rstrip("."), "value", same(message))
        for name, messages in named.items()
        for message in messages
    ]
    return answer(request, Problem(422, detail=detail, n=len(detail)))


def _unstorable(request: HttpRequest, _: Exception) -> HttpResponse:
    detail = [fault("body", "out_of_range", in_words("out_of_range"))]
    return answer(request, Problem(422, detail=detail, n=1))


def _conflict(request: HttpRequest, _: Exception) -> HttpResponse:
    return answer(request, Problem(409))


def _unchanged(_: HttpRequest, found: NotModified) -> HttpResponse:
    return HttpResponse(status=304, headers={"ETag": found.etag})


def _nobody(request: HttpRequest, _: Exception) -> HttpResponse:
    if request.user.is_authenticated:
        return answer(request, Problem(403, "no_post"))
    return answer(request, not_signed_in())


def _http(request: HttpRequest, found: HttpError) -> HttpResponse:
    cause = found.__cause__ or found.__context__
    if isinstance(cause, Problem):
        return answer(request, cause)
    status = found.status_code if found.status_code in CODES else 400
    problem = Problem(status, limit="", types="application/json", n=1, wait=60)
    return answer(request, problem)


def _broken(_: HttpRequest, found: Exception) -> HttpResponse:
    """Hand on what nobody foresaw: it is logged as a fault, and the border gives it the shape."""
    raise found


_HANDLERS: dict[type[Exception], Any] = {
    Problem: _problem,
    Refused: _refused,
    NotFound: _absent,
    Http404: _absent,
    ObjectDoesNotExist: _absent,
    BadInput: _bad_input,
    TongchouError: _ours,
    ValidationError: _invalid,
    DjangoValidationError: _model_invalid,
    DataError: _unstorable,
    IntegrityError: _conflict,
    NotModified: _unchanged,
    AuthenticationError: _nobody,
    HttpError: _http,
    Exception: _broken,
}
