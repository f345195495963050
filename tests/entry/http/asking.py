"""
What Schemathesis does besides, in its own process: whoever asks has a team and things of their own.

A request that ends one of them (a team, an account, a session, a task) gets what it asks for; the next one
finds all of it new. So nothing has to be left out, and nothing waits for anything.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, MutableMapping
from itertools import count
from random import Random
from typing import Any

import attrs
import httpx
import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import RejectedPositiveData

from taskcore.query import BOUNDS

ADDRESS, ROLE, ADMIN = (os.environ[f"ASKING_{name}"] for name in ("ADDRESS", "ROLE", "ADMIN"))
PASSWORD, LABEL = "correct horse battery", "bug"
FATAL = {
    "change_password",
    "delete_me",
    "delete_team",
    "suspend_team",
    "transfer_team",
    "edit_user",
    "log_user_out",
}
"""What ends the team or the account of whoever asks, or their part in it."""
IN_BODIES = {
    **{f"{name}_id": name for name in ("team", "project", "user")},
    "assignee_id": "user",
    "lead_id": "user",
    "parent_id": "predecessor",
}
"""What may stand in a body's fields."""
_OF_TASKS = {
    *("project_id", "parent_id", "assignee_id", "labels"),  # are the team's
    *("external_id", "external_source"),  # go together
    *("due_on", "due_at", "start_at"),  # lie in their order, and only one says when it is due
    *("after", "before", "rank"),  # only one of them says where it stands
    *("estimate_minutes", "estimate_optimistic_minutes", "estimate_pessimistic_minutes"),  # rise
    *("candidates", "constraints", "recurrence"),  # are the team's; each rule once; have a grammar
}
_OF_QUERIES = {*BOUNDS, "q", "sort"}  # an instant is in the calendar; `q` has a grammar; no field twice
RULES: Mapping[str, set[str]] = {
    "add_follower": {"user"},  # sees the task
    "add_reminder": {"at"},  # goes with one anchor alone
    "batch_tasks": {
        *_OF_TASKS,
        "id",
        "op",
        "team_id",
        "temp_id",
        "title",
    },  # with `atomic`; ops want different fields
    "change_password": {"password", "current"},  # is no common one; is the password
    "claim_task": _OF_QUERIES,
    "confirm_reset": {"password"},
    "create_webhook": {
        "url",
        "project_id",
    },  # is read in one way only, and leads to no address inside; is the team's
    "create_escalation": {"steps", "project_id"},  # targets go with actions; are the team's
    "create_project": {"lead_id"},  # is in the team
    "create_task": _OF_TASKS,
    "create_team": {"time_zone", "key", "slug"},  # there is such a zone; key and slug can be made of the name
    "create_token": {"expires_at"},  # lies in the future
    "create_view": {"query"},
    "edit_escalation": {"steps", "project_id"},
    "edit_me": {"time_zone", "current"},
    "edit_project": {"lead_id"},
    "edit_task": _OF_TASKS,
    "edit_team": {"time_zone"},
    "edit_view": {"query"},
    "edit_webhook": {"url", "project_id"},
    "export_team": {"events"},  # not with csv
    "import_into_team": {"file", "format"},  # the file is of the format
    "edit_preferences": {"quiet_from", "quiet_until"},  # go together, and differ
    "list_tasks": _OF_QUERIES,
    "put_member_calendar": {"hours", "exceptions", "time_zone"},  # parts overlap; days lie in their order
    "put_team_calendar": {"hours", "exceptions"},
    "read_notifications": {"ids", "through", "all", "unread"},  # one of three; `unread` with one
    "read_member_calendar": {"from", "to"},  # go together, in their order, not too far from each other
    "read_team_calendar": {"from", "to"},
    "plan_schedule": {
        "changes",
        "apply",
        "keep",
    },  # they name tasks and people, each wants its own fields; not with apply
    "put_dependency": {"predecessor"},  # is another task of the team
    "share_project": {"user"},  # is a guest
    "sign_up": {"password", "email"},  # is no common one; the address can be somebody's
}
"""Fields whose sound values may be invalid still, by a rule that a schema cannot say."""
WHOLE = "must be a whole number"
"""JSON Schema takes 5.0 for an integer, and the service, which converts nothing, does not."""
APART = {
    "due_on": ("due_at", "start_at"),
    "due_at": ("start_at",),
    "after": ("before", "rank"),
    "before": ("rank",),
    "estimate_optimistic_minutes": ("estimate_minutes", "estimate_pessimistic_minutes"),
    "estimate_pessimistic_minutes": ("estimate_minutes",),
}
"""Fields of a task, and those that go badly with them."""
MOSTLY = 0.85
"""How often what is asked for is there."""
MAILED = {"confirm_reset", "verify_email"}
"""What wants a token that only a mail has."""
EXPRESSIONS = (
    'status:open (assignee:me or assignee:none) due<now+7d "login page"',
    "-label:bug",
    "priority:high",
)
RECURRENCES = ("RRULE:FREQ=WEEKLY;BYDAY=MO", "every 3 days after completion at 09:00")
SPENT = {
    "drop_jobs": ("job",),
    "refresh": ("refresh_token",),
    "log_out": ("refresh_token",),
    "accept_invitation": ("ticket",),
    "decline_invitation": ("ticket",),
}
"""What is good once, or may be gone."""
UNDESCRIBED = {
    *("allow", "connection", "content-length", "content-type", "date", "server", "transfer-encoding"),
    *("content-security-policy", "cross-origin-resource-policy", "referrer-policy"),
    *("strict-transport-security", "x-content-type-options", "x-frame-options"),
}
"""Header fields that are HTTP's own or a browser's protection, the same everywhere."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CURSOR = re.compile(r'"next_cursor":"([^"]+)"')
_TAG = re.compile(r'\*|(W/)?"[!#-~]*"')
_NOTHING = "01936f2e-7c1a-7000-8000-000000000000"
_numbers = count()
_http = httpx.Client(base_url=ADDRESS)


class Gone(Exception):
    """Somebody cannot do what they could, since a request has ended something."""


@attrs.define
class Person:
    """Somebody with an account."""

    email: str
    id: str
    token: str

    def send(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        said = _http.request(method, path, json=body, headers={"authorization": f"Bearer {self.token}"})
        if not said.is_success:
            raise Gone(f"{method} {path}: {said.text}")
        found: dict[str, Any] = said.json() if said.content else {}
        return found


def _person(name: str) -> Person:
    email = f"{name}{next(_numbers)}.{os.getpid()}@example.org"
    account = {"email": email, "name": name.title(), "password": PASSWORD}
    said = _http.post("/v1/auth/signup", json=account).json()
    return Person(email, said["user"]["id"], said["access_token"])


def _signed_in(email: str) -> dict[str, Any]:
    said: dict[str, Any] = _http.post("/v1/auth/login", json={"email": email, "password": PASSWORD}).json()
    return said


class World:
    """A team, what is in it, and who asks; each made when it is first asked for."""

    def __init__(self) -> None:
        self.owner = _person("owner")
        self.team = self._founded(self.owner)
        self.owner.send("POST", f"/v1/teams/{self.team}/labels", name=LABEL)
        self.asker = self.owner if ROLE in ("owner", "nobody") else self._asker()
        self._made: dict[str, str] = {}

    def _founded(self, by: Person) -> str:
        number = next(_numbers)
        return str(by.send("POST", "/v1/teams", name=f"Team {number}", key=_key(number))["id"])

    @property
    def _root(self) -> Person:
        return Person(ADMIN, "", _signed_in(ADMIN)["access_token"])

    def _asker(self) -> Person:
        asker = _person("asker")
        if ROLE == "operator":
            self._root.send("PATCH", f"/v1/instance/users/{asker.id}", is_admin=True)
            return asker
        self._join(asker, ROLE)
        return asker

    def _join(self, person: Person, role: str) -> None:
        invited = self.owner.send("POST", f"/v1/teams/{self.team}/invitations", email=person.email, role=role)
        person.send("POST", "/v1/invitations/accept", token=invited["token"])

    def __getitem__(self, name: str) -> str:
        if name not in self._made:
            self._made[name] = getattr(self, f"_{name}")()
        return self._made[name]

    def __contains__(self, name: str) -> bool:
        return hasattr(self, f"_{name}")

    def forget(self, *names: str) -> None:
        for name in names:
            self._made.pop(name, None)

    def holds(self, value: object) -> bool:
        return value in self._made.values() or value in (self.team, "me")

    @property
    def _speaker(self) -> Person:
        return self.owner if ROLE in ("operator", "nobody") else self.asker

    def _project(self) -> str:
        project = str(self.owner.send("POST", f"/v1/teams/{self.team}/projects", name="Launch")["id"])
        if ROLE == "guest":
            self.owner.send("PUT", f"/v1/projects/{project}/guests/{self.asker.id}")
        return project

    def _task(self) -> str:
        new = {"team_id": self.team, "title": "Ship it", "project_id": self["project"]}
        return str(self.owner.send("POST", "/v1/tasks", **new)["id"])

    _predecessor = _task

    def _user(self) -> str:
        other = _person("other")
        self._join(other, "member")
        return other.id

    def _label(self) -> str:
        named = f"Label {next(_numbers)}"
        return str(self.owner.send("POST", f"/v1/teams/{self.team}/labels", name=named)["id"])

    def _view(self) -> str:
        return str(self._speaker.send("POST", f"/v1/teams/{self.team}/views", name="Mine")["id"])

    def _comment(self) -> str:
        return str(self._speaker.send("POST", f"/v1/tasks/{self['task']}/comments", body="Hello")["id"])

    def _reminder(self) -> str:
        return str(self._speaker.send("POST", f"/v1/tasks/{self['task']}/reminders")["id"])

    def _webhook(self) -> str:
        new = {"url": "https://hooks.invalid/", "kinds": ["no.such"]}
        return str(self.owner.send("POST", f"/v1/teams/{self.team}/webhooks", **new)["id"])

    def _delivery(self) -> str:
        return str(self.owner.send("POST", f"/v1/webhooks/{self['webhook']}/test")["id"])

    def _escalation(self) -> str:
        new = {"name": "Hurry", "trouble": "overdue", "steps": [{"action": "raise_priority"}]}
        return str(self.owner.send("POST", f"/v1/teams/{self.team}/escalations", **new)["id"])

    def _link(self) -> str:
        """One that nobody was mailed: only the service can sign another."""
        return "AAAA"

    def _invitation(self) -> str:
        asked = f"{next(_numbers)}.{os.getpid()}@example.net"
        return str(self.owner.send("POST", f"/v1/teams/{self.team}/invitations", email=asked)["id"])

    def _token(self) -> str:
        return str(self.asker.send("POST", "/v1/me/tokens", name="Mine")["id"])

    def _session(self) -> str:
        new = Person("", "", _signed_in(self.asker.email)["access_token"])
        known = {each["id"] for each in self.asker.send("GET", "/v1/me/sessions")["items"]}
        return max(known) if new.token else ""

    def _job(self) -> str:
        """One of those that the service was begun with, as far as there are any left."""
        found = self._root.send("GET", "/v1/instance/jobs?kind=no.such&limit=1")["items"]
        return str(found[0]["id"]) if found else _NOTHING

    def _saga(self) -> str:
        """The deletion of a team of somebody else's."""
        other = _person("leaving")
        other.send("DELETE", f"/v1/teams/{self._founded(other)}")
        return str(other.send("GET", "/v1/me/sagas")["items"][0]["id"])

    def _refresh_token(self) -> str:
        return str(_signed_in(self.asker.email)["refresh_token"])

    def _ticket(self) -> str:
        """What lets whoever asks into another team."""
        other = _person("far")
        there = self._founded(other)
        return str(other.send("POST", f"/v1/teams/{there}/invitations", email=self.asker.email)["token"])


def _key(number: int) -> str:
    """A team's key that no other process of these gives."""
    digits, letters = os.getpid() * 100_000 + number, ""
    while digits:
        digits, digit = divmod(digits, 26)
        letters += chr(ord("A") + digit)
    return letters[:10].ljust(2, "A")


@attrs.define
class State:
    """The world of now, and what has been seen of it."""

    world: World | None = None
    ended: bool = False
    """Whether whoever asks, or their team, is there no longer."""
    seen: set[str] = attrs.field(factory=set)
    cursors: dict[str, tuple[str, str, str]] = attrs.field(factory=dict)
    """Which request, whose, gave a cursor: it is good there only."""
    tokens: set[str] = attrs.field(factory=set)
    turn: Iterator[int] = attrs.field(factory=count)
    chance: Random = attrs.field(factory=lambda: Random(ROLE))  # noqa: S311  chance that comes back

    def now(self) -> World:
        if self.world is None:
            self.world, self.ended = World(), False
            self.tokens.add(f"Bearer {self.world.asker.token}")
        return self.world


state = State()


class Asker:
    """Whoever asks, signed in."""

    def get(self, case: Case[Any], context: object) -> str:  # noqa: ARG002  Schemathesis' shape
        return state.now().asker.token

    def set(self, case: Case[Any], data: str, context: object) -> None:  # noqa: ARG002  as above
        case.headers["Authorization"] = f"Bearer {data}"


if ROLE != "nobody":
    schemathesis.auth(refresh_interval=None)(Asker)


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:  # noqa: ARG001  as above
    """Let what is asked for be there, most of the time."""
    if state.ended and not (_is_stateful(case) and _is_linked(case)):
        state.world = None
    try:
        _prepare(case, state.now())
    except Gone:
        state.world = None
        _prepare(case, state.now())


def _prepare(case: Case[Any], world: World) -> None:
    """What is asked for is there, most of the time; a key is new; a cursor is one that a list gave."""
    if case.headers and case.headers.get("Authorization") in state.tokens:
        case.headers["Authorization"] = f"Bearer {world.asker.token}"
    fatal = _is_stateful(case) and _name(case) in FATAL
    if case.path_parameters and not fatal and not _is_negative(case, ParameterLocation.PATH):
        _fill(case.path_parameters, {name: name for name in case.path_parameters}, world)
    if isinstance(case.body, dict) and not _is_negative(case, ParameterLocation.BODY):
        _fill(case.body, IN_BODIES, world)
        _reconcile(case.body, world)
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    _sign(case, world)
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = f"{case.headers['Idempotency-Key'][:200]}-{next(state.turn)}"
    if case.headers and not _TAG.fullmatch(case.headers.get("If-Match", "*")):
        case.headers["If-Match"] = '"1"'  # Schemathesis overlooks the pattern of a header now and then
    if case.query and state.cursors.get(str(case.query.get("cursor"))) != _asked(case):
        case.query.pop("cursor", None)
    if case.query and "q" in case.query:
        case.query["q"] = EXPRESSIONS[next(state.turn) % len(EXPRESSIONS)]


def _reconcile(body: MutableMapping[str, Any], world: World) -> None:
    """Let fields that go together, or not, do so: else one such rule would hide what is wrong with all others."""
    if body.get("labels"):
        body["labels"] = [LABEL]
    if body.get("candidates"):
        body["candidates"] = [world["user"]]
    if body.get("recurrence") is not None:
        body["recurrence"] = RECURRENCES[next(state.turn) % len(RECURRENCES)]
    if body.get("constraints"):
        body["constraints"] = [each for each in body["constraints"] if each.get("at")][:1]
    for field, others in APART.items():
        if body.get(field) is not None:
            for other in others:
                body.pop(other, None)
    if (body.get("external_source") is None) != (body.get("external_id") is None):
        body.pop("external_source", None)
        body.pop("external_id", None)


def _fill(given: MutableMapping[str, Any], places: Mapping[str, str], world: World) -> None:
    for name, value in given.items():
        place = places.get(name)
        if place is None or value is None or str(value) in state.seen or state.chance.random() > MOSTLY:
            continue
        given[name] = world.team if place == "team" else world[place]


def _sign(case: Case[Any], world: World) -> None:
    """Let most attempts to sign in or to accept be such as could succeed."""
    if state.chance.random() > MOSTLY:
        return
    if _name(case) == "log_in":
        case.body = {"email": world.asker.email, "password": PASSWORD}
    if _name(case) in ("refresh", "log_out"):
        case.body = {"refresh_token": world["refresh_token"]}
    if _name(case) == "accept_invitation":
        case.body = {"token": world["ticket"]}


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:  # noqa: ARG001  as above
    """Remember what was shown, and what was ended that will be asked for again."""
    state.seen.update(_UUID.findall(response.text) if len(response.content) < 100_000 else ())
    if case.method == "GET" and (cursor := _CURSOR.search(response.text)):
        state.cursors[cursor[1]] = _asked(case)
    world = state.world
    if world is None:
        return
    if response.status_code == 401 and case.headers.get("Authorization") == f"Bearer {world.asker.token}":
        state.ended = True
    if response.status_code >= 300:
        return
    named = case.path_parameters or {}
    world.forget(*SPENT.get(_name(case), ()))
    if case.method == "DELETE" or _name(case) == "purge_task":
        world.forget(
            *(name for name in named if name != "team"),
            *(("comment", "reminder") if "task" in named else ()),
            *(("delivery",) if "webhook" in named else ()),
        )
    leaves = _name(case) == "remove_member" and named.get("user") in ("me", world.asker.id)
    if leaves or (_name(case) in FATAL and (not named or any(map(world.holds, named.values())))):
        state.ended = True


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:  # noqa: ARG001  as above
    """Whether a failure is one: not, if sound data breaks a rule that is known."""
    if not isinstance(failure, RejectedPositiveData) or response.status_code not in (400, 422):
        return True
    said = response.json()
    if said["code"] == "invalid_token":
        return _name(case) not in MAILED
    faults = [each for each in said.get("errors", ()) if each["detail"] != WHOLE]
    if said.get("errors") and not faults:
        return False
    fields = {each["pointer"].split("/")[1] for each in faults if each["pointer"]}
    return not fields or not fields <= RULES.get(_name(case), set())


@schemathesis.check
def every_header_is_described(ctx: CheckContext, response: Response, case: Case[Any]) -> None:  # noqa: ARG001  as above
    """An answer's header has nothing that the description leaves out."""
    described = case.operation.responses.find_by_status_code(response.status_code)
    if described is None or response.status_code == 405:
        return
    known = {name.lower() for name in described.definition.get("headers", {})}
    unknown = {name.lower() for name in response.headers} - known - UNDESCRIBED
    if unknown:
        raise Failure(
            operation=case.operation.label,
            title="Undescribed header",
            message=f"{sorted(unknown)} of {response.status_code}",
        )


def _name(case: Case[Any]) -> str:
    return str(case.operation.definition.raw.get("operationId"))


def _asked(case: Case[Any]) -> tuple[str, str, str]:
    filters = {
        name: value for name, value in (case.query or {}).items() if name not in ("cursor", "limit", "count")
    }
    return case.formatted_path, repr(sorted(filters.items())), str(case.headers.get("Authorization"))


def _is_stateful(case: Case[Any]) -> bool:
    return case.meta is not None and case.meta.phase.name == TestPhase.STATEFUL


def _is_linked(case: Case[Any]) -> bool:
    """Whether it goes on from an earlier answer."""
    values = [
        *(case.path_parameters or {}).values(),
        *(case.body.values() if isinstance(case.body, dict) else ()),
    ]
    return any(str(value) in state.seen for value in values)


def _is_negative(case: Case[Any], location: ParameterLocation) -> bool:
    return case.meta is not None and case.meta.is_negative_at(location)
