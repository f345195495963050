"""A team's content as a file: written as it is read, and taken in from a form."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Protocol, TypedDict

from litestar.params import FromPath
from litestar.types import Receive, Scope, Send

from taskcore.errors import Fault, Invalid, Malformed
from taskcore.exchange.files import EXPORTS, FORMATS, format_called
from taskcore.exchange.writing import WRITERS, Writer
from taskcore.paging import Page
from taskcore.tasks.imports import ImportReport
from taskcore_http.answer import UNSTORED, Answer
from taskcore_http.operation import Operation
from taskcore_http.upload import form
from taskcore_http.wire import Call

MEDIA: Mapping[str, str] = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8; header=present",
}
Ask = Callable[..., Awaitable[Page[Any]]]


class ImportFields(TypedDict, total=False):
    """The fields of the form, beside the file."""

    format: str
    dry_run: bool


class Flow(Answer):
    """An answer that is sent as it is read. Should that fail on the way, the connection breaks, so that
    nobody takes a part for the whole."""

    __slots__ = ("_first", "_more", "_writer")

    def __init__(
        self,
        headers: list[tuple[bytes, bytes]],
        writer: Writer[Any],
        first: Page[Any],
        more: AsyncIterator[Page[Any]],
    ) -> None:
        super().__init__(200, headers)
        self._writer = writer
        self._first = first
        self._more = more

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's shape
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        if scope.get("method") != "HEAD":
            await _send(send, self._writer.write(self._first.items))
            async for page in self._more:
                await _send(send, self._writer.write(page.items))
            await _send(send, self._writer.end())
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send(send: Send, text: str) -> None:
    if text:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


@Operation(
    "GET",
    "/v1/teams/{team:str}/export",
    media=tuple(MEDIA.values()),
    query=("format", "deleted", "events"),
    rights=("team.read", "team.export"),
)
async def export_team(request: Call, team: FromPath[str]) -> Answer:
    """
    Take a team's whole content away, for its owners and admins.

    That somebody did stands in the team's audit.
    `format` is json (all of it, one document), ndjson (all of it, an object a line) or csv (its tasks). With
    `deleted` what is in the trash too, which is usual for all but csv; without `events` not the log. The
    answer is sent as it is read: one that ends early is none.
    """
    asked = request.query("format", "deleted", "events")
    chosen, chose_events = asked.get("format", "json"), "events" in asked
    flags = [name for name in ("deleted", "events") if name in asked]
    given: dict[str, bool] = {name: request.flag(name) for name in flags}
    exports, faults = request.me.exports, []
    if chosen not in EXPORTS:
        faults.append(Fault("format", f"must be one of {', '.join(EXPORTS)}"))
    if chosen == "csv" and chose_events:
        faults.append(Fault("events", "csv has tasks alone"))
    if faults or request.has_query_faults:
        await request.refuse(Malformed(faults=faults), lambda _: exports.page(team, cursor=""))
    ask: Ask = exports.rows if chosen == "csv" else exports.page
    first = await ask(team, **given)
    home = await request.me.teams.get(team)
    name = f'attachment; filename="{home.key}.{chosen}"'
    headers = [(b"content-type", MEDIA[chosen].encode()), (b"content-disposition", name.encode())]
    more = _following(ask, team, given, first)
    return Flow([*headers, UNSTORED, *request.common], WRITERS[chosen](), first, more)


async def _following(
    ask: Ask, team: str, given: dict[str, bool], first: Page[Any]
) -> AsyncIterator[Page[Any]]:
    page = first
    while page.next_cursor is not None:
        page = await ask(team, cursor=page.next_cursor, **given)
        yield page


class Taking(Protocol):
    """`run` of `me.imports`, or of `me.restores`."""

    async def run(self, team: str, items: Any, /, *, dry_run: bool = False) -> ImportReport:
        """Take them in."""


@Operation(
    "POST",
    "/v1/teams/{team:str}/imports",
    upload=ImportFields,
    gives=ImportReport,
    rights=("team.read", "import.run", "event.read"),
)
async def import_into_team(request: Call, team: FromPath[str]) -> Answer:
    """
    Take a file into a team, for its owners and admins.

    It is an export of taskcore (json, ndjson), tasks as csv, or what todoist, trello, jira or taskwarrior
    wrote. The answer comes once all is in, and tells what is not, by its line, and why; with `dry_run` what would
    become of each line, and nothing is changed. It goes in part by part: should it be cut off, send it
    again; what is in is known and stays as it is. For that it needs no Idempotency-Key, and heeds none.
    """
    await request.me.imports.run(team, [])  # first of all, whether the caller may
    sent = await form(request, "format", "dry_run")
    with sent.file:
        wanted, dry_run = _checked(request, sent.fields)
        taking: Taking = getattr(request.me, FORMATS[wanted].takes)
        return request.one(await taking.run(team, FORMATS[wanted].read(sent.file), dry_run=dry_run))


def _checked(request: Call, fields: Mapping[str, str]) -> tuple[str, bool]:
    """The format, and whether it is only tried. Raises: Malformed, Invalid."""
    request.refuse_query()
    faults: list[Fault] = []
    try:
        format_called(fields.get("format", ""))
    except Invalid as error:
        faults += error.faults
    if fields.get("dry_run", "false") not in ("true", "false"):
        faults.append(Fault("dry_run", "must be true or false"))
    if faults:
        raise Invalid(faults=faults)
    return fields["format"], fields.get("dry_run") == "true"
