"""
The way out of a kind of mail, by the link in it (RFC 8058): a page that asks, and what its button or a mail program does.

Whoever has the link may: nobody signs in, no cookie is heeded, and so no page of somebody else's can do it for them.
"""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files

from litestar.params import FromPath

from taskcore_http.answer import OF_DATA, UNSTORED, Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import Call

HTML = "text/html; charset=utf-8"
OF_FORMS = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
)
"""A page that may send its form back here, and load the style that is ours."""
WORDS = {
    "digest": "the daily digest",
    "report": "the weekly report",
}


@Operation(
    "GET",
    "/v1/unsubscribe/{link:str}",
    media=(HTML,),
    public=True,
    guarded=True,
    refuses=("rate_limited",),
    rights=(),
)
async def ask_to_unsubscribe(request: Call, link: FromPath[str]) -> Answer:
    """Show the page behind the link in a mail, which asks whether to send no more of the kind. It changes nothing."""
    reason = await request.instance.core.mail.subscription(link)
    return _page(request, "unsubscribe.html", reason)


@Operation(
    "POST",
    "/v1/unsubscribe/{link:str}",
    media=(HTML,),
    public=True,
    guarded=True,
    refuses=("rate_limited",),
    rights=(),
)
async def unsubscribe(request: Call, link: FromPath[str]) -> Answer:
    """
    Send no more mail of the kind that the link stands in, as the button on its page asks, or a mail program's own.

    What is sent with it is not looked at. Done twice it is done.
    """
    reason = await request.instance.core.mail.unsubscribe(link)
    return _page(request, "unsubscribed.html", reason)


def _page(request: Call, name: str, reason: str) -> Answer:
    what = WORDS.get(reason, f"mail about notices of the kind “{reason.replace('_', ' ')}”")
    body = _asset(name).replace("@WHAT@", escape(what)).encode()
    headers = [OF_FORMS if field == OF_DATA else field for field in request.of_success]
    length = (b"content-length", str(len(body)).encode())
    return Answer(200, [(b"content-type", HTML.encode()), length, UNSTORED, *headers], body)


@cache
def _asset(name: str) -> str:
    return files("taskcore_http").joinpath("pages", name).read_text("utf-8")
