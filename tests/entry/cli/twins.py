"""Two stores of the same content: one that the command works on, and one that it reaches through a service."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from taskcore import blocking
from taskcore.values import RoleWord
from taskcore_cli.program import run
from tests.entry.cli.conftest import ADA, BOB, CHEAP, PASSWORD
from tests.servers.service import served

GUS, EVE, PAT, DAN, IVY, KIM, ROB, PAM = (
    f"{name}@example.org" for name in ("gus", "eve", "pat", "dan", "ivy", "kim", "rob", "pam")
)
PEOPLE = (ADA, BOB, GUS, EVE, PAT, DAN, IVY, KIM, ROB, PAM)
NOBODY = "nobody@example.org"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d\.\d{6}Z)?")
_TOKEN = re.compile(r"tc[a-z]_[0-9a-f]{20,}|whsec_[A-Za-z0-9+/=]+|\b[0-9a-f]{48}\b")
_ORIGIN = re.compile(r"command line|127\.0\.0\.1 \S+")
_HINT = re.compile(r"tc[a-z]_…[0-9a-f]+")
_OF_EACH = {"rank": "<rank>", "origin": "<origin>", "hint": "<hint>", "next_cursor": "<cursor>"} | {
    name: f"<{name}>"
    for name in ("gap", "total_slack_minutes", "free_slack_minutes", "late_minutes", "late_minutes_before")
}
"""Fields whose values are each store's own; a plan that begins now is another a second later."""


@attrs.frozen
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


@attrs.frozen
class Twin:
    """A furnished store, and how the command gets there."""

    store: str
    ids: Mapping[str, str]
    server: str | None = None
    tokens: Mapping[str, str] = attrs.field(factory=dict)

    def way(self, who: str) -> list[str]:
        """The words before the noun."""
        if self.server is None:
            return ["--store", self.store, "--as", who]
        return ["--server", self.server, "--token", self.tokens[who]]

    def words(self, words: Sequence[str]) -> list[str]:
        """With the ids of this twin in the places of their names."""
        return [word.format(**self.ids) if "{" in word else word for word in words]


def ran(
    words: Sequence[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    typed: str = "",
) -> Ran:
    """The command, in this process."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
    capsys.readouterr()
    code = run(list(words))
    return Ran(code, *capsys.readouterr())


def normalised(text: str, twin: Twin) -> Any:
    """What a twin printed, with what is its own made the same: ids by the order of their mention."""
    ids: dict[str, str] = {}

    def plain(word: str) -> str:
        word = _TOKEN.sub("<token>", _INSTANT.sub("<instant>", word))
        word = _ORIGIN.sub("<origin>", _HINT.sub("<hint>", word))
        word = word.replace(twin.server, "<server>") if twin.server else word
        return _ID.sub(lambda found: ids.setdefault(found[0], f"#{len(ids)}"), word)

    def walk(value: Any, key: str = "") -> Any:
        if value is not None and key in _OF_EACH:
            return _OF_EACH[key]
        if isinstance(value, dict):
            return {name: walk(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [walk(each, key) for each in value]
        return plain(value) if isinstance(value, str) else value

    try:
        return walk(json.loads(text))
    except ValueError:
        return re.sub(r" +", " ", plain(text))


@contextmanager
def twins(folder: Path) -> Iterator[tuple[Twin, Twin]]:
    """The local one, and the one that is served."""
    here, there = (f"sqlite:///{folder.as_posix()}/{name}.db" for name in ("here", "there"))
    ids = [furnished(store) for store in (here, there)]
    with blocking.open(here, hasher=CHEAP) as core:
        for email in PEOPLE:
            core.auth.sign_in(email, PASSWORD, origin="a session like that over there")
    with served(there, folder, hasher=CHEAP, rate_user="off", relay="worker", jobs="worker://") as address:
        tokens = {email: _signed_in(address, email) for email in PEOPLE}
        yield Twin(here, ids[0]), Twin(there, ids[1], address, tokens)


def _signed_in(address: str, email: str) -> str:
    answer = httpx.post(f"{address}/v1/auth/login", json={"email": email, "password": PASSWORD}, timeout=30)
    return str(answer.raise_for_status().json()["access_token"])


def furnished(store: str) -> dict[str, str]:
    """Content for every command, each with things of its own; the ids that commands name."""
    with blocking.open(store, hasher=CHEAP) as core:
        people = {
            email: core.users.register(
                email, name=email.partition("@")[0].title(), password=PASSWORD, is_admin=email == ADA
            )
            for email in PEOPLE
        }
        ada = core.acting_as(people[ADA].id)
        for key in ("PLAT", "OPS", "LEFT", "HELD"):
            ada.teams.create(f"Team {key}", key=key)
        ada.teams.create("Team GONE", key="GONE")
        joining: tuple[tuple[str, str, RoleWord], ...] = (
            *(
                ("PLAT", BOB, "member"),
                ("PLAT", GUS, "guest"),
                ("PLAT", KIM, "member"),
                ("PLAT", ROB, "member"),
            ),
            *(("OPS", KIM, "member"), ("LEFT", BOB, "member")),
        )
        for team, email, role in joining:
            _, token = ada.invitations.create(team, email, role)
            core.acting_as(people[email].id).invitations.accept(token)
        ids = _work(ada, core.acting_as(people[BOB].id))
        ids["session"] = str(core.auth.sign_in(ROB, PASSWORD, origin="a phone").session.id)
        for name, email in (("accepted", IVY), ("declined", EVE)):
            _, ids[name] = ada.invitations.create("OPS", email)
        ids |= _jobs(core, ada)
        for name in ("resent", "revoked"):
            ids[name] = str(ada.invitations.create("PLAT", f"{name}@example.org")[0].id)
    return ids


def _jobs(core: Any, ada: Any) -> dict[str, str]:
    """What waits for a time that never comes, so that nobody begins with it; some of it ended."""
    never = datetime(2999, 1, 1, tzinfo=UTC)
    for kind in ("listed.first", "listed.second"):
        core.jobs.enqueue(kind, {"a": 1}, at=never, team_id=ada.teams.get("PLAT").id)
    shown = core.jobs.enqueue("shown.job", {"b": 2}, at=never, user_id=ada.user_id)
    names = ("own_job", "stopped_job", "ended_job", "lost_job")
    made = {name: core.jobs.enqueue(f"{name}.kind", at=never, user_id=ada.user_id) for name in names}
    swept = [core.jobs.enqueue("swept.kind", at=never) for _ in range(3)]
    for each in (made["ended_job"], made["lost_job"], *swept):
        core.jobs.cancel(each.id)
    return {"job": str(shown.id)} | {name: str(each.id) for name, each in made.items()}


def _work(ada: Any, bob: Any) -> dict[str, str]:
    for name in ("bug", "ui", "spare", "old"):
        ada.labels.create("PLAT", name)
    ada.projects.create("PLAT", "Launch")
    for name in ("Old", "Shut", "Shown"):
        ada.projects.create("PLAT", name)
    for number in range(1, 31):
        ada.tasks.create("PLAT", f"Task {number}", priority="high" if number % 5 == 0 else "none")
    ada.tasks.edit("PLAT-2", labels=["bug"], description="At length.", assignee_id=bob.user_id)
    ada.tasks.complete("PLAT-6")
    ada.dependencies.link("PLAT-5", "PLAT-4")
    ada.dependencies.link("PLAT-4", "PLAT-7")
    said = ada.comments.create("PLAT-2", "Well done, @bob")
    bob.comments.create("PLAT-2", "Thank you")
    for key in ("PLAT-28", "PLAT-29", "PLAT-30"):
        ada.tasks.delete(key)
    ada.tasks.edit("PLAT-27", title="Renamed", due_on=None, priority="urgent")
    reminder = ada.reminders.add("PLAT-8", offset_minutes=-60)
    view = ada.views.create("PLAT", "Pressing", query={"priority": "high"}, shared=True)
    ada.views.create("PLAT", "Spare", query={})
    first, second = date(2027, 5, 1), date(2027, 5, 2)
    ada.calendars.put("PLAT", {"exceptions": [{"from": first, "to": second, "name": "May"}]})
    bob.calendars.add_time_off("PLAT", bob.user_id, date(2027, 7, 5), date(2027, 7, 16), "Leave")
    told, spare = (
        ada.webhooks.create("PLAT", f"https://{name}.example.org/hook", kinds=["no.such"])[0]
        for name in ("told", "spare")
    )
    ada.webhooks.edit(spare.id, active=False)
    rule = ada.escalations.create("PLAT", "Spare", "blocked", [{"action": "raise_priority"}])
    token, _ = ada.tokens.create("nightly")
    theirs, _ = bob.tokens.create("deploys", team="PLAT")
    ada.tokens.create("kept", team="PLAT")
    return {
        "task_id": str(ada.tasks.get("PLAT-8").id),
        "prefix": str(ada.tasks.get("PLAT-9").id)[:-1],
        "view": str(view.id),
        "reminder": str(reminder.id),
        "comment": str(said.id),
        "token": str(token.id),
        "webhook": str(told.id),
        "spare_webhook": str(spare.id),
        "delivery": str(ada.webhooks.test(told.id).id),
        "theirs": str(theirs.id),
        "escalation": str(rule.id),
    }
