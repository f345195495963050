"""
Where one goes from here: OpenAPI links from what an operation gives to the operations that take it.

Nobody writes them down: a route's path says what it takes (`{task}`), a type what names it (`id`).
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import get_type_hints

from litestar.handlers import HTTPRouteHandler

from taskcore.delivery.model import Delivery, Webhook
from taskcore.identity.model import ApiToken, Session, User
from taskcore.jobs.views import JobSummary, OwnJob
from taskcore.tasks.model import Comment, Dependency, SavedView, Task
from taskcore.tasks.reminding import Reminder
from taskcore.teams.model import Invitation, Label, Member, Project, Team
from taskcore.watching.model import EscalationRule
from taskcore_http.description.parameters import names_in
from taskcore_http.description.schema import Schema
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING

_NAMES: Mapping[str, Mapping[str, str]] = {
    kind.__name__: names
    for kind, names in (
        (ApiToken, {"token": "id"}),
        (Comment, {"comment": "id"}),
        (Delivery, {"delivery": "id", "webhook": "webhook_id"}),
        (Dependency, {"predecessor": "predecessor_id", "task": "successor_id"}),
        (Invitation, {"invitation": "id", "team": "team_id"}),
        (JobSummary, {"job": "id"}),
        (Label, {"label": "id"}),
        (Member, {"user": "user_id"}),
        (OwnJob, {"job": "id"}),
        (Project, {"project": "id"}),
        (Reminder, {"reminder": "id", "task": "task_id"}),
        (SavedView, {"view": "id"}),
        (Session, {"session": "id"}),
        (Task, {"task": "id"}),
        (Team, {"team": "id"}),
        (User, {"user": "id"}),
        (Webhook, {"webhook": "id"}),
        (EscalationRule, {"escalation": "id"}),
    )
} | {"Follower": {"user": "user_id"}}
"""The parameters of a path that a thing fills, and by which of its fields; the first one is the thing itself."""
_IN_BODIES: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "Team": {
        "create_task": {"team_id": "id", "title": "Ship it"},
        "claim_task": {"team_id": "id"},
        "create_token": {"team_id": "id", "name": "For this team"},
    },
    "Project": {"create_task": {"team_id": "team_id", "project_id": "id", "title": "Ship it"}},
    "Task": {"create_task": {"team_id": "team_id", "parent_id": "id", "title": "A part of it"}},
    "Invitation": {"accept_invitation": {"token": "token"}, "decline_invitation": {"token": "token"}},
    "Member": {"transfer_team": {"user_id": "user_id"}},
    "Signed": {"refresh": {"refresh_token": "refresh_token"}, "log_out": {"refresh_token": "refresh_token"}},
}
"""The bodies that a thing fills, by which of its fields or with which words."""
_WORDS = frozenset({"Ship it", "A part of it", "For this team"})


def links(
    source: HTTPRouteHandler, served: Sequence[HTTPRouteHandler], components: dict[str, Schema]
) -> Schema:
    """The links of an operation's answer, by the operation that each leads to; described in `components`."""
    found: Schema = {}
    for target in served:
        link = _next_page(source) if target is source else _link(source, target)
        if link:
            name = _called(source, link)
            components[name] = link
            found[_id(target)] = {"$ref": f"#/components/links/{name}"}
    return found


def _called(source: HTTPRouteHandler, link: Schema) -> str:
    """A name that equal links share: what leads where, from one or from a list, and by the path that was asked."""
    about = _about(source)
    listed = ".listed" if about.many else ""
    there = ".there" if "$request.path" in str(link) else ""
    return f"{link['operationId']}.{about.gives.__name__}{listed}{there}"


def _link(source: HTTPRouteHandler, target: HTTPRouteHandler) -> Schema:
    """What leads from `source` to `target`; nothing, where nothing does."""
    about, wanted = _about(source), _about(target)
    if about.gives is None:
        return {}
    kind = about.gives.__name__
    known = {name: _field(about, field) for name, field in _NAMES.get(kind, {}).items()}
    own = next(iter(known), None)
    known |= {name: f"$request.path.{name}" for name in names_in(about.path) if name not in known}
    taken, body = names_in(wanted.path), _body(about, kind, _id(target))
    if not known.keys() >= {*taken} or not (body or own in taken):
        return {}
    parameters = {f"path.{name}": known[name] for name in taken}
    if wanted.versioned and own in taken and not about.many and "version" in _fields(about):
        parameters["header.If-Match"] = "$response.header.ETag"
    return {
        "operationId": _id(target),
        "description": summary(target),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": body} if body else {}),
    }


def _body(about: Operation, kind: str, target: str) -> Schema:
    """The body with which `target` takes what is given, if it does."""
    fields = _IN_BODIES.get(kind, {}).get(target, {})
    if not {*fields.values()} - _WORDS <= _fields(about):
        return {}
    return {name: value if value in _WORDS else _field(about, value) for name, value in fields.items()}


def _fields(about: Operation) -> set[str]:
    """The fields of what is given, which has an ETag of its own version if `version` is among them."""
    return {*get_type_hints(about.gives), *about.adds}


def _next_page(source: HTTPRouteHandler) -> Schema:
    """From a page to the next. A filter would have to be said again, so a list that has one has no link."""
    about = _about(source)
    if not about.many or about.query != LISTING:
        return {}
    parameters = {f"path.{name}": f"$request.path.{name}" for name in names_in(about.path)}
    parameters["query.cursor"] = "$response.body#/next_cursor"
    return {"operationId": _id(source), "description": "Go on to the next page", "parameters": parameters}


def _field(about: Operation, field: str) -> str:
    return f"$response.body#/items/0/{field}" if about.many else f"$response.body#/{field}"


def summary(handler: HTTPRouteHandler) -> str:
    """The first line of what a route says of itself."""
    return (inspect.getdoc(handler.fn) or "").partition("\n")[0].rstrip(".")


def _about(handler: HTTPRouteHandler) -> Operation:
    about: Operation = handler.opt["operation"]
    return about


def _id(handler: HTTPRouteHandler) -> str:
    return str(handler.fn.__name__)
