"""The one shape of every error under ``/api/``.

::

    {"error": {"code": "not_found",
               "message": {"zh": "…", "en": "…"},
               "detail": [{"at": "body.onset", "code": "date_type", "message": {"zh": "…", "en": "…"}}],
               "request_id": "8f0c…"}}

``code`` is a word of :data:`SENTENCES`. "Not yours" and "not there" are the same ``not_found``.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from django.http import HttpRequest, HttpResponse, JsonResponse

from tongchou.station.api.registry import JSON
from tongchou.vocabulary.errors import TongchouError
from tongchou.vocabulary.text import Text

CODES: Mapping[int, str] = MappingProxyType(
    {
        400: "bad_request",
        401: "not_signed_in",
        403: "forbidden",
        404: "not_found",
        405: "method_not_allowed",
        409: "conflict",
        412: "changed_meanwhile",
        413: "too_large",
        415: "unsupported_type",
        422: "invalid",
        428: "precondition_required",
        429: "too_many_requests",
        500: "internal",
        503: "unavailable",
    }
)

SENTENCES: Mapping[str, Text] = MappingProxyType(
    {
        "bad_request": Text(
            zh="请求无法读取。请核对地址、请求头和正文。",
            en="The request cannot be read. Check its address, headers and body.",
        ),
        "not_signed_in": Text(
            zh="未登录，或令牌无效、已过期、已吊销。请登录，或在“接口令牌”页创建新令牌，以 Authorization: Bearer 发送。",
            en="Not signed in, or the token is not valid, has expired or was revoked. Sign in, or make a new token on the page “API tokens” and send it as Authorization: Bearer.",
        ),
        "forbidden": Text(
            zh="请求被拒绝：用登录会话修改数据时须带 X-CSRFToken。程序请改用令牌。",
            en="The request was refused: with a session, changes need the header X-CSRFToken. Programs should use a token.",
        ),
        "no_post": Text(
            zh="您今天没有在任岗位，因此不能使用接口。请联系账户管理员。",
            en="You hold no post today and so cannot use the interface. Ask your account administrator.",
        ),
        "not_found": Text(
            zh="找不到，或不在您的职责范围内。请核对编号；如应由您处理，请联系账户管理员。",
            en="Not found, or not within your duties. Check the number; if it should be yours, ask your account administrator.",
        ),
        "method_not_allowed": Text(
            zh="此地址不接受这种方法。可用方法见响应头 Allow。",
            en="This address does not take that method. The header Allow lists those it takes.",
        ),
        "conflict": Text(
            zh="与现有记录冲突，未作任何更改。请重新读取后再试。",
            en="It conflicts with what is there; nothing was changed. Read it again, then retry.",
        ),
        "changed_meanwhile": Text(
            zh="记录已被他人更改，您的更改未保存。请重新读取，用新的 ETag 再提交。",
            en="The record was changed meanwhile, and your change was not saved. Read it again and send the new ETag.",
        ),
        "too_large": Text(
            zh="正文过大：此地址最多 {limit} 字节。请分批发送。",
            en="The body is too large: this address takes at most {limit} bytes. Send it in parts.",
        ),
        "unsupported_type": Text(
            zh="不接受此内容类型。此地址接受：{types}。",
            en="That content type is not taken. This address takes: {types}.",
        ),
        "invalid": Text(
            zh="内容有 {n} 处错误，未作任何更改。每处的位置和改法见 detail。",
            en="The content has {n} faults; nothing was changed. Each is listed in detail, with its place and remedy.",
        ),
        "precondition_required": Text(
            zh="更改此记录须带 If-Match。请先读取记录，把响应头 ETag 的值原样发回。",
            en="A change of this record needs If-Match. Read the record first and send back the value of its ETag.",
        ),
        "too_many_requests": Text(
            zh="请求过于频繁。请在 {wait} 秒后再试。",
            en="Too many requests. Try again after {wait} seconds.",
        ),
        "key_reused": Text(
            zh="此 Idempotency-Key 已用于另一请求，未作任何更改。请为新请求使用新的键。",
            en="This Idempotency-Key was used for another request; nothing was changed. Use a new key for a new request.",
        ),
        "unencrypted": Text(
            zh="接口只接受加密连接，请改用 https。若令牌已随此请求明文发出，请吊销它。",
            en="The interface takes encrypted connections only: use https. If a token was sent with this request in the clear, revoke it.",
        ),
        "sign_in_unfinished": Text(
            zh="登录尚未完成或会话已结束。请在网页上登录，并按提示修改口令或设置第二重验证。",
            en="Signing in is not complete, or the session has ended. Sign in on the pages and follow what they ask: a new password or a second factor.",
        ),
        "unavailable": Text(
            zh="数据库暂时不可用，未作任何更改。请在 {wait} 秒后重试。",
            en="The database is away for the moment; nothing was changed. Try again after {wait} seconds.",
        ),
        "internal": Text(
            zh="系统出错，未作任何更改。请稍后重试；如仍出错，请把 request_id 告诉管理员。",
            en="Something failed on our side; nothing was changed. Try again later; if it persists, give the request_id to an administrator.",
        ),
    }
)


class Problem(TongchouError):
    """An answer of refusal, raised anywhere below a route.

    Parameters
    ----------
    status
        HTTP status.
    code
        A word of :data:`SENTENCES`; that of the status where not given.
    text
        A sentence of its own in place of the code's.
    detail
        Single faults, each ``{"at", "code", "message"}``.
    headers
        Headers of the answer.
    values
        What fills the sentence.
    """

    def __init__(
        self,
        status: int,
        code: str | None = None,
        *,
        text: Text | None = None,
        detail: Iterable[Mapping[str, object]] = (),
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        self.status = status
        self.code = code or CODES.get(status, "bad_request")
        self.sentence = text or SENTENCES[self.code].fill(**values)
        self.detail = [dict(d) for d in detail]
        self.headers = dict(headers or {})
        super().__init__(self.code)

    def text(self) -> Text:
        """Give the sentence."""
        return self.sentence


def fault(at: str, code: str, message: Text) -> dict[str, object]:
    """Give one entry of ``detail``."""
    return {"at": at, "code": code, "message": message.as_dict()}


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Write a problem in the one shape."""
    response = JsonResponse(
        {
            "error": {
                "code": problem.code,
                "message": problem.text().as_dict(),
                "detail": problem.detail,
                "request_id": getattr(request, "request_id", ""),
            }
        },
        status=problem.status,
        headers=problem.headers,
        json_dumps_params={"ensure_ascii": False},
    )
    response.in_shape = True
    return response


def reshaped(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give an answer that another part of the stack refused, in the one shape."""
    other = 500 if response.status_code >= 500 else 400
    status = response.status_code if response.status_code in CODES else other
    values = {"limit": "", "types": JSON, "n": 1, "wait": response.get("Retry-After", "60")}
    made = answer(request, Problem(status, **values))
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in response:
            made[name] = response[name]
    made.cookies = response.cookies
    return made
