"""Pages that say what went wrong, complete in both languages.

"Not yours" and "not there" are one page, the same byte for byte: it shows neither the address nor
anything of the reader.
"""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from tongchou.station.desk.templatetags.words import language
from tongchou.vocabulary.text import Lang, Text

TAGS: dict[Lang, str] = {"zh": "zh-Hans", "en": "en"}
PAGES: dict[int, tuple[Text, Text]] = {
    400: (
        Text(zh="这个请求读不懂", en="This request cannot be read"),
        Text(
            zh="网址或表单中有无法识别的内容，什么也没有改变。请返回上一页，核对后再提交。",
            en="Something in the address or the form makes no sense; nothing was changed. Go back, check it and send it again.",
        ),
    ),
    403: (
        Text(zh="这个请求被拒绝", en="This request was refused"),
        Text(
            zh="页面可能停留太久，或浏览器没有保存本站的 Cookie，什么也没有改变。请重新打开页面再试。",
            en="The page may have stood open too long, or the browser keeps no cookies of this site; nothing was changed. Open the page again and retry.",
        ),
    ),
    404: (
        Text(zh="找不到", en="Not found"),
        Text(
            zh="这个页面或记录不存在，或不在您的职责范围内。请核对编号；如应由您处理，请联系账户管理员。",
            en="This page or record is not there, or not within your duties. Check the number; if it should be yours, ask your account administrator.",
        ),
    ),
    429: (
        Text(zh="尝试次数过多", en="Too many attempts"),
        Text(
            zh="为保护账户，暂时不再接受尝试。请稍后再试；忘记密码请联系账户管理员。",
            en="To protect the account no further attempts are taken for now. Try again later; if the password is forgotten, ask your account administrator.",
        ),
    ),
    500: (
        Text(zh="系统出错", en="Something broke here"),
        Text(
            zh="这是系统的错误，不是您的错误；本次提交没有保存。请稍后再试，仍不行请告诉值班的系统管理员出错的时间。",
            en="The fault is ours, not yours; what was sent was not saved. Try again in a moment, and if it stays, tell the system administrator on duty the time it happened.",
        ),
    ),
}  # fmt: skip
NO_POST = (
    Text(zh="您目前没有在任的岗位", en="You hold no post at present"),
    Text(
        zh="您已登录，但没有今天在任的岗位，因此看不到任何记录。请联系所在地区的账户管理员，为您登记岗位。",
        en="You are signed in, but hold no post that is in force today, so there are no records to see. Ask the account administrator of your area to enter your post.",
    ),
)


def page(status: int, said: Text | None = None) -> HttpResponse:
    """Give the page of a status; ``said`` stands in place of its general sentence."""
    title, body = PAGES.get(status, PAGES[400])
    return _rendered(status, title, said or body)


def no_post() -> HttpResponse:
    """Tell somebody who is signed in, but holds no post in force, whom to ask."""
    return _rendered(HTTPStatus.FORBIDDEN, *NO_POST, sign_out=True)


def _rendered(status: int, title: Text, body: Text, *, sign_out: bool = False) -> HttpResponse:
    lang = language()
    context = {
        "status": int(status),
        "lang": lang,
        "html_lang": TAGS[lang],
        "sentences": [
            {"lang": TAGS[key], "title": title[key], "body": body[key]}
            for key in (lang, _other(lang))
        ],
        "sign_out": sign_out,
    }
    return HttpResponse(render_to_string("desk/error.html", context), status=status)


def _other(lang: Lang) -> Lang:
    return "en" if lang == "zh" else "zh"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return page(400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403."""
    return page(403)


def not_there(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404."""
    return page(404)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500."""
    return page(500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 where a form came without its token."""
    return page(403)


def locked_out(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """Answer 429 after too many failed attempts."""
    return page(429)
