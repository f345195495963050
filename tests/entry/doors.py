"""
The doors, each behind the same few words, so that one script can go through all of them.

A door answers in JSON values. An error is `{"error": n}`, n its family's exit code on the command
line, which is the coarsest of the three doors' tellings.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import httpx

from taskcore.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    TaskCoreError,
    Unauthenticated,
)
from taskcore.events import plain

SECRET = secrets.token_hex(32)
PASSWORD = "correct horse battery"
FAMILIES = (
    (Invalid, 2),
    (NotFound, 3),
    (Forbidden, 4),
    (Unauthenticated, 4),
    (Conflict, 5),
    (PreconditionFailed, 5),
)
STATUSES = {400: 2, 422: 2, 404: 3, 403: 4, 401: 4, 409: 5, 412: 5}
JSON = dict[str, Any]


class Door(Protocol):
    """Who does what; people are named by e-mail, tasks by key."""

    def register(self, email: str, name: str) -> Any: ...

    def act(self, email: str, verb: str, *args: Any, **fields: Any) -> Any: ...


class LibraryDoor:
    """The library; `run` turns what a call gives into its result."""

    def __init__(self, core: Any, run: Callable[[Any], Any]) -> None:
        self._core = core
        self._run = run
        self._ids: dict[str, Any] = {}

    def register(self, email: str, name: str) -> Any:
        def call() -> Any:
            user = self._run(self._core.users.register(email, name=name, password=PASSWORD))
            self._ids[email] = user.id
            return user

        return self._told(call)

    def act(self, email: str, verb: str, *args: Any, **fields: Any) -> Any:
        me = self._core.acting_as(self._ids[email])
        if "assignee_id" in fields and fields["assignee_id"] is not None:
            fields["assignee_id"] = self._ids[fields["assignee_id"]]
        return self._told(lambda: self._run(self._call(me, verb, args, fields)), verb)

    def _call(self, me: Any, verb: str, args: Any, fields: JSON) -> Any:
        noun, _, name = verb.partition(".")
        if verb == "members.edit":
            args = (args[0], self._ids[args[1]])
        if verb == "projects.share":
            args = (self._project(me, *args[:2]), self._ids[args[2]])
        if fields.get("candidates"):
            fields["candidates"] = [self._ids[each] for each in fields["candidates"]]
        if fields.get("constraints"):
            fields["constraints"] = [_read(each) for each in fields["constraints"]]
        if "due_on" in fields:
            fields["due_on"] = date.fromisoformat(fields["due_on"])
        return getattr(getattr(me, noun), name)(*args, **fields)

    def _project(self, me: Any, team: str, name: str) -> Any:
        return next(each.id for each in self._run(me.projects.list(team)).items if each.name == name)

    def _told(self, call: Callable[[], Any], verb: str = "") -> Any:
        try:
            result = plain(call())
        except TaskCoreError as error:
            return {"error": next(code for family, code in FAMILIES if isinstance(error, family))}
        return result[0] if verb == "dependencies.link" and isinstance(result, list) else _invitation(result)


def _read(constraint: JSON) -> JSON:
    return {
        name: datetime.fromisoformat(value) if name == "at" else value for name, value in constraint.items()
    }


def _invitation(result: Any) -> Any:
    """An invitation with its token, as the other doors give it."""
    if isinstance(result, list) and result and isinstance(result[0], dict) and "token_hash" in result[0]:
        shown = {name: value for name, value in result[0].items() if name != "token_hash"}
        return {**shown, "token": result[1]}
    return result


_PATHS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "teams.create": ("POST", "/v1/teams", ("name",)),
    "labels.create": ("POST", "/v1/teams/{0}/labels", ("name",)),
    "projects.create": ("POST", "/v1/teams/{0}/projects", ("name",)),
    "invitations.create": ("POST", "/v1/teams/{0}/invitations", ("email", "role")),
    "invitations.accept": ("POST", "/v1/invitations/accept", ("token",)),
    "members.edit": ("PATCH", "/v1/teams/{0}/members/{1}", ()),
    "members.list": ("GET", "/v1/teams/{0}/members", ()),
    "projects.share": ("PUT", "/v1/projects/{0}/guests/{1}", ()),
    "tasks.create": ("POST", "/v1/tasks", ("team_id", "title")),
    "tasks.get": ("GET", "/v1/tasks/{0}", ()),
    "tasks.edit": ("PATCH", "/v1/tasks/{0}", ()),
    "tasks.complete": ("PATCH", "/v1/tasks/{0}", ()),
    "tasks.start": ("PATCH", "/v1/tasks/{0}", ()),
    "tasks.reopen": ("PATCH", "/v1/tasks/{0}", ()),
    "tasks.cancel": ("PATCH", "/v1/tasks/{0}", ()),
    "tasks.delete": ("DELETE", "/v2/tasks/{0}", ()),
    "tasks.restore": ("POST", "/v1/tasks/{0}/restore", ()),
    "tasks.list": ("GET", "/v1/tasks", ()),
    "dependencies.link": ("PUT", "/v1/tasks/{0}/dependencies/{1}", ()),
    "dependencies.unlink": ("DELETE", "/v1/tasks/{0}/dependencies/{1}", ()),
    "comments.create": ("POST", "/v1/tasks/{0}/comments", ("body",)),
    "comments.list": ("GET", "/v1/tasks/{0}/comments", ()),
    "events.list": ("GET", "/v1/teams/{0}/events", ()),
    "events.activity": ("GET", "/v1/tasks/{0}/activity", ()),
}
_STATUS_OF = {"complete": "done", "start": "in_progress", "reopen": "open", "cancel": "cancelled"}


class HttpDoor:
    """The service, over a socket."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=30)
        self._tokens: dict[str, str] = {}
        self._ids: dict[str, str] = {}

    def register(self, email: str, name: str) -> Any:
        body = {"email": email, "name": name, "password": PASSWORD}
        answer = self._client.post("/v1/auth/signup", json=body)
        if answer.is_error:
            return {"error": STATUSES[answer.status_code]}
        self._tokens[email] = answer.json()["access_token"]
        self._ids[email] = answer.json()["user"]["id"]
        return answer.json()["user"]

    def act(self, email: str, verb: str, *args: Any, **fields: Any) -> Any:
        method, path, names = _PATHS[verb]
        if fields.get("assignee_id"):
            fields["assignee_id"] = self._ids[fields["assignee_id"]]
        if fields.get("candidates"):
            fields["candidates"] = [self._ids[each] for each in fields["candidates"]]
        headers = {"Authorization": f"Bearer {self._tokens[email]}"}
        query: JSON = {"force": "true"} if fields.pop("force", False) else {}
        if (version := fields.pop("if_version", None)) is not None:
            headers["If-Match"] = f'"{version}"'
        if (status := _STATUS_OF.get(verb.partition(".")[2])) is not None:
            fields["status"] = status
        if verb == "members.edit":
            args = (args[0], self._ids[args[1]])
        if verb == "projects.share":
            args = (self._project(headers, *args[:2]), self._ids[args[2]])
        places = len(args) - len(names)
        body = {**dict(zip(names, args[places:], strict=True)), **fields}
        sends = {"params": _query(fields)} if method == "GET" else {"json": plain(body)} if body else {}
        sends["params"] = {**sends.get("params", {}), **query}
        answer = self._client.request(method, path.format(*args[:places]), headers=headers, **sends)
        if answer.is_error:
            return {"error": STATUSES[answer.status_code]}
        return answer.json() if answer.content else None

    def _project(self, headers: dict[str, str], team: str, name: str) -> str:
        items = self._client.get(f"/v1/teams/{team}/projects", headers=headers).json()["items"]
        return str(next(each["id"] for each in items if each["name"] == name))

    def close(self) -> None:
        self._client.close()


def _query(fields: JSON) -> JSON:
    return {
        name: ",".join(value) if isinstance(value, list) else plain(value) for name, value in fields.items()
    }


_COMMANDS: dict[str, tuple[str, ...]] = {
    "teams.create": ("team", "create"),
    "labels.create": ("label", "add", "--team"),
    "projects.create": ("project", "add", "--team"),
    "invitations.create": ("team", "invite"),
    "invitations.accept": ("team", "accept"),
    "members.edit": ("team", "role"),
    "members.list": ("team", "members"),
    "projects.share": ("project", "share", "--team"),
    "tasks.create": ("task", "add", "--team"),
    "tasks.get": ("task", "show"),
    "tasks.edit": ("task", "edit"),
    "tasks.complete": ("task", "done"),
    "tasks.start": ("task", "start"),
    "tasks.reopen": ("task", "reopen"),
    "tasks.cancel": ("task", "cancel"),
    "tasks.delete": ("task", "rm"),
    "tasks.restore": ("task", "restore"),
    "tasks.list": ("task", "list"),
    "dependencies.link": ("task", "link"),
    "dependencies.unlink": ("task", "unlink"),
    "comments.create": ("task", "comment"),
    "comments.list": ("task", "comments"),
    "events.list": ("event", "list", "--team"),
    "events.activity": ("task", "activity"),
}


class CommandDoor:
    """The command line, a process a call."""

    def __init__(self, store_url: str, folder: Path) -> None:
        self._store_url = store_url
        self._folder = folder

    def register(self, email: str, name: str) -> Any:
        return self._run("user", "add", email, "--name", name, "--password-stdin", typed=PASSWORD)

    def act(self, email: str, verb: str, *args: Any, **fields: Any) -> Any:
        if verb == "invitations.create":
            args = (*args[:2], "--role", args[2])
        if verb == "members.edit":
            args = (*args, fields.pop("role"))
        options = [part for name, value in fields.items() for part in _option(name, value)]
        told = self._run("--as", email, *_COMMANDS[verb], *map(str, args), *options)
        gone = verb == "dependencies.unlink"
        return None if gone and "error" not in (told or {}) else told  # it shows what went; HTTP answers 204

    def _run(self, *arguments: str, typed: str = "") -> Any:
        settings = {"TASKCORE_STORE": self._store_url, "TASKCORE_HASHER": "argon2://?m=19456&t=2"}
        environment = {**{k: v for k, v in os.environ.items() if not k.startswith("TASKCORE_")}, **settings}
        environment["TASKCORE_SECRET"] = SECRET
        done = subprocess.run(
            [sys.executable, "-m", "taskcore_cli", "--json", *arguments],
            env=environment, input=typed, capture_output=True, text=True, check=False, cwd=self._folder,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        if done.returncode:
            return {"error": done.returncode}
        return json.loads(done.stdout) if done.stdout.strip() else None


def _option(name: str, value: Any) -> list[str]:
    flag = f"--{name.replace('_', '-')}"
    if value is True and name == "force":
        return [flag]
    if name == "constraints" and value:
        return [part for each in value for part in ("--constraint", "=".join(each.values()))]
    if isinstance(value, list):
        return [flag, ",".join(value)]
    if isinstance(value, bool):
        return [flag, str(value).lower()]
    return [flag, "none" if value is None else str(plain(value))]
