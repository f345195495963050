"""Options made from the core's own field lists: what a task may be given, and what a list may ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import attrs
import click

from taskcore.errors import Fault, Invalid, invalid
from taskcore.expression.parser import parsed_by
from taskcore.expression.terms import written
from taskcore.expression.values import READERS
from taskcore.query import CLAIM_FIELDS, FIELDS, SEVERAL, SORTED_BY
from taskcore.tasks.model import TaskFields
from taskcore.tasks.planning import NewConstraint, constraint_in
from taskcore.values import EstimateKind, Priority, Status
from taskcore_cli import names
from taskcore_cli.completion import Complete, labels, offered, people, projects, tasks, teams, words
from taskcore_cli.grammar import Change, Verb
from taskcore_cli.session import Session

ASKED, GIVEN = "taskcore.asked", "taskcore.given"


@attrs.frozen
class Field:
    """A field of a task on the command line; `read` makes its value of the text."""

    name: str
    help: str
    read: Callable[[str], Any]
    also: tuple[str, ...] = ()
    metavar: str = "TEXT"
    complete: Complete | None = None
    several: bool = False
    """Whether the option may be repeated; the values reach `read` with commas between them."""
    flag: bool = False
    """Whether the option alone says true."""


def _enum(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    return lambda text: names.one_of("", kind, text)


def _instant(text: str) -> datetime | None:
    return None if text == names.NONE else datetime.fromisoformat(text)


def _day(text: str) -> date | None:
    return None if text == names.NONE else date.fromisoformat(text)


def _number(text: str) -> int | None:
    return None if text == names.NONE else int(text)


def _text_or_none(text: str) -> str | None:
    return None if text in ("", names.NONE) else text


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _several_or_none(text: str) -> list[str]:
    return [] if text == names.NONE else _several(text)


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise invalid("", f"must be true or false, not {text!r}")
    return text == "true"


def _constraints(text: str) -> list[NewConstraint]:
    try:
        return [constraint_in(each) for each in _several_or_none(text)]
    except ValueError as error:
        raise invalid("", str(error)) from error


_WHEN = "2026-12-01T09:00:00Z"
TITLE = Field("title", "What is to be done.", str)
TASK_FIELDS = (
    Field("description", "Markdown.", str),
    Field("status", ", ".join(Status) + ".", _enum(Status), metavar="STATUS", complete=words(Status)),
    Field(
        "priority", ", ".join(Priority) + ".", _enum(Priority), metavar="PRIORITY", complete=words(Priority)
    ),
    Field("project_id", "The project, by name or id, or none.", str, ("--project",), "PROJECT", projects),
    Field("parent_id", "The task it is part of, or none.", str, ("--parent",), "TASK", tasks),
    Field("assignee_id", "Who does it: an e-mail, me or none.", str, ("--assignee",), "EMAIL", people),
    Field(
        "labels",
        "Its labels, all of them; may be repeated.",
        _several,
        ("--label",),
        "NAMES",
        labels,
        several=True,
    ),
    Field("start_at", f"When it can start, as {_WHEN}, or none.", _instant, metavar="WHEN"),
    Field("due", "When it is due: a day or an instant, or none.", str, metavar="WHEN"),
    Field("due_at", f"The instant it is due, as {_WHEN}, or none.", _instant, metavar="WHEN"),
    Field("due_on", "The day it is due, as 2026-12-01, or none.", _day, metavar="DAY"),
    Field("estimate_minutes", "Work it takes, or none.", _number, ("--estimate",), "MINUTES"),
    Field("spent_minutes", "Work done on it.", _number, ("--spent",), "MINUTES"),
    Field("recurrence", "RRULE:… or 'every 3 days after completion', or none.", _text_or_none),
    Field(
        "estimate_kind",
        ", ".join(EstimateKind) + ": what the estimate's minutes are.",
        _enum(EstimateKind),
        metavar="KIND",
        complete=words(EstimateKind),
    ),
    Field("estimate_optimistic_minutes", "If all goes well, or none.", _number, ("--optimistic",), "MINUTES"),
    Field(
        "estimate_pessimistic_minutes", "If all goes badly, or none.", _number, ("--pessimistic",), "MINUTES"
    ),
    Field("remaining_minutes", "What is left of it, or none.", _number, ("--remaining",), "MINUTES"),
    Field(
        "candidates",
        "Who could do it, all of them, or none; may be repeated.",
        _several_or_none,
        ("--candidate",),
        "EMAILS",
        people,
        several=True,
    ),
    Field(
        "required_skills",
        "What who does it has to know, or none; may be repeated.",
        _several_or_none,
        ("--skill",),
        "NAMES",
        several=True,
    ),
    Field("splittable", "Whether it may pause for others.", _truth, metavar="[true|false]", flag=True),
    Field(
        "constraints",
        "As not_before=2026-12-01T09:00Z or as_late_as_possible, or none; may be repeated.",
        _constraints,
        ("--constraint",),
        "RULE=WHEN",
        several=True,
    ),
    Field("rank", "Its place in the manual order.", str),
    Field("external_source", "The program it came from, or none.", _text_or_none),
    Field("external_id", "Its id there, or none.", _text_or_none),
)
_BY_NAME = {field.name: field for field in (TITLE, *TASK_FIELDS)}


def _spelt(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _kept(place: str, name: str, *, several: bool) -> Callable[..., None]:
    """Keeps what was given under the field's name; absent stays absent."""

    def keep(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        if value is not None and value != ():
            ctx.meta.setdefault(place, {})[name] = ",".join(value) if several else value

    return keep


def _field_option(field: Field) -> click.Option:
    optional: dict[str, Any] = {"is_flag": False, "flag_value": "true"} if field.flag else {}
    return click.Option(
        [_spelt(field.name), *field.also, field.name],
        metavar=field.metavar,
        help=field.help,
        multiple=field.several,
        expose_value=False,
        callback=_kept(GIVEN, field.name, several=field.several),
        shell_complete=offered(field.complete) if field.complete else None,
        **optional,
    )


class TaskChange(Change):
    """A change that takes the fields of a task as options."""

    fields: tuple[Field, ...] = TASK_FIELDS

    def more_options(self) -> list[click.Parameter]:
        own: list[click.Parameter] = [_field_option(field) for field in self.fields]
        return [*own, *super().more_options()]


class TaskEdit(TaskChange):
    """One that takes the title as an option too."""

    fields = (TITLE, *TASK_FIELDS)


def given_fields(ctx: click.Context, session: Session, team: str | None) -> TaskFields:
    """The fields that were given, as the core takes them. Raises: Invalid, with every fault."""
    given: dict[str, str] = dict(ctx.meta.get(GIVEN, {}))
    if "due" in given:
        due = given.pop("due")
        given["due_on" if len(due) <= len("2026-12-01") else "due_at"] = due
    values: dict[str, Any] = {}
    faults = []
    for name, text in given.items():
        try:
            values[name] = _BY_NAME[name].read(text)
        except Invalid as error:
            faults.append(Fault(name, error.faults[0].reason))
        except ValueError:
            faults.append(Fault(name, _reason(name, text)))
    if faults:
        raise Invalid(faults=faults)
    return _resolved(session, values, team)


def _reason(name: str, text: str) -> str:
    if name.endswith("_minutes"):
        return f"must be a whole number, not {text!r}"
    return f"must be a day such as 2026-12-01 or an instant such as {_WHEN}, not {text!r}"


def _resolved(session: Session, values: dict[str, Any], team: str | None) -> TaskFields:
    """With people, projects and tasks by their ids."""
    if "project_id" in values:
        values["project_id"] = names.project(session, values["project_id"], [team] if team else ())
    if "parent_id" in values:
        values["parent_id"] = (
            None if values["parent_id"] == names.NONE else names.task(session, values["parent_id"])
        )
    if "assignee_id" in values:
        values["assignee_id"] = names.person_or_none(session, values["assignee_id"])
    if "candidates" in values:
        values["candidates"] = [names.person(session, each) for each in values["candidates"]]
    return values  # type: ignore[return-value]


_FLAGS = ("overdue", "blocked", "deleted")
_PEOPLE = ("assignee", "created_by", "follower")
_ABOUT: Mapping[str, tuple[str, Complete | None]] = {
    "team": ("Key, slug or id.", teams),
    "project": ("Name or id, or none.", projects),
    "status": (", ".join(Status) + ".", words(Status)),
    "priority": (", ".join(Priority) + ".", words(Priority)),
    "assignee": ("E-mail, me or none.", people),
    "created_by": ("E-mail or me.", people),
    "label": ("Name.", labels),
    "parent": ("The task they are part of, or none.", tasks),
    "follower": ("E-mail, me or none.", people),
    "text": ('Words and "phrases" in title, description or comments; the most relevant first.', None),
    "q": ("All of these in one expression: 'status:open (assignee:me or assignee:none) due<now+7d'.", None),
    "sort": (
        f"Up to three of {', '.join(SORTED_BY)}; - first for descending.",
        words(SORTED_BY),
    ),
    "limit": ("1 to 200, 50 if not given.", None),
    "cursor": ("Where the page before ended.", None),
}


def _query_option(name: str) -> click.Option:
    about, complete = _ABOUT.get(
        name, ("A day or an instant." if name not in _FLAGS else "true or false.", None)
    )
    several = name in SEVERAL
    optional: dict[str, Any] = (
        {"is_flag": False, "flag_value": "true", "metavar": "[true|false]"} if name in _FLAGS else {}
    )
    return click.Option(
        [_spelt(name), f"asked_{name}"],
        help=about,
        multiple=several,
        expose_value=False,
        callback=_kept(ASKED, name, several=several),
        shell_complete=offered(complete) if complete else None,
        **({"metavar": name.rpartition("_")[2].upper()} | optional),
    )


class TaskListing(Verb):
    """A list that takes every field of a `TaskQuery` as an option."""

    asks: tuple[str, ...] = FIELDS

    def more_options(self) -> list[click.Parameter]:
        own: list[click.Parameter] = [_query_option(name) for name in self.asks]
        return [*own, *super().more_options()]


class TaskListingChange(TaskListing, Change):
    """A change that takes them too."""


class TaskClaim(TaskListingChange):
    """One that takes those which say what may be claimed."""

    asks = CLAIM_FIELDS


def asked_query(ctx: click.Context, session: Session) -> dict[str, Any]:
    """The query that was asked, with people and projects by their ids. Several values come apart by
    commas."""
    homes = _several(ctx.meta.get(ASKED, {}).get("team", ""))
    asked = asked_fields(ctx, session, homes)
    if not homes and (only := names.only_team(session)):
        asked["team"] = only  # a store answers faster for one team than for all of one's teams
    return asked


def asked_fields(ctx: click.Context, session: Session, homes: list[str]) -> dict[str, Any]:
    """As `asked_query`, about the teams `homes`."""
    asked: dict[str, Any] = dict(ctx.meta.get(ASKED, {}))
    for name in _PEOPLE:
        if name in asked:
            asked[name] = [names.person_or_none(session, each) for each in _several(asked[name])]
    if "project" in asked:
        asked["project"] = [names.project(session, each, homes) for each in _several(asked["project"])]
    if "q" in asked:
        asked["q"] = _named_by_id(session, asked["q"], homes)
    return asked


def _named_by_id(session: Session, expression: str, homes: list[str]) -> str:
    """The expression with people and projects by their ids; as it is, where it names none otherwise."""
    renamed = False

    def person(name: str) -> Any:
        nonlocal renamed
        renamed |= "@" in name
        return names.person_or_none(session, name) if "@" in name else READERS["assignee"](name)

    def project(name: str) -> Any:
        nonlocal renamed
        found = names.project(session, name, homes)
        renamed |= str(found) != name
        return found

    meant = parsed_by(expression, {**dict.fromkeys(_PEOPLE, person), "project": project})
    return written(meant) if renamed else expression
