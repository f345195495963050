"""Between entities and rows: which table, which columns, which link tables, and how values cross."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs

from taskcore.delivery.inbox import Channel, Notification, Reason
from taskcore.delivery.model import (
    Delivery,
    DeliveryStatus,
    Disabled,
    LoggedAttempt,
    Payload,
    Webhook,
)
from taskcore.delivery.positions import LogPosition
from taskcore.delivery.preferences import NotificationPreferences, whole
from taskcore.events import Event
from taskcore.idempotency import IdempotencyRecord
from taskcore.identity.model import (
    ApiToken,
    AuditEntry,
    Credential,
    EmailToken,
    Identity,
    Purpose,
    RefreshToken,
    Session,
    User,
)
from taskcore.jobs.model import Job, JobFailure, JobPriority, JobProgress, JobSchedule, JobState
from taskcore.ports import KEYS
from taskcore.sagas.model import Saga, SagaState, SagaStep
from taskcore.tasks.model import PLANNING, Comment, Dependency, Lease, SavedView, Task
from taskcore.tasks.reading import ReadMarker
from taskcore.tasks.reminding import Reminder
from taskcore.teams.model import Invitation, Label, Membership, Project, Team
from taskcore.values import (
    DependencyType,
    LagUnit,
    Priority,
    ReminderAnchor,
    Role,
    SchedulePolicy,
    Status,
    UserId,
)
from taskcore.watching.model import (
    EscalationAction,
    EscalationRule,
    EscalationStep,
    EscalationTarget,
    EscalationTrouble,
    Firing,
    Taken,
    Watch,
)
from taskcore_sql.dialect import Convert, Dialect
from taskcore_sql.packing import UNPACK, Packed
from taskcore_sql.schema import COLUMNS

TABLES: dict[type[Any], str] = {
    User: "users",
    Credential: "credentials",
    Session: "sessions",
    RefreshToken: "refresh_tokens",
    EmailToken: "email_tokens",
    Identity: "identities",
    IdempotencyRecord: "idempotency_records",
    Team: "teams",
    ApiToken: "api_tokens",
    AuditEntry: "audit_entries",
    Membership: "memberships",
    Invitation: "invitations",
    Project: "projects",
    Label: "labels",
    Task: "tasks",
    Dependency: "dependencies",
    Comment: "comments",
    SavedView: "saved_views",
    Reminder: "reminders",
    LogPosition: "log_positions",
    ReadMarker: "read_markers",
    Webhook: "webhooks",
    Delivery: "deliveries",
    Watch: "watches",
    EscalationRule: "escalation_rules",
    Job: "jobs",
    JobSchedule: "job_schedules",
    Notification: "notifications",
    NotificationPreferences: "notification_preferences",
    Saga: "sagas",
    Event: "events",
}
"""Tables by entity, in the order in which rows can be written: what is pointed at comes first."""

BLOCKED = """EXISTS (
  SELECT 1 FROM dependencies d JOIN tasks p ON p.team_id = d.team_id AND p.id = d.predecessor_id
  WHERE d.team_id = t.team_id AND d.successor_id = t.id AND t.status NOT IN ('done', 'cancelled')
    AND p.deleted_at IS NULL AND p.status <> 'cancelled'
    AND CASE WHEN d.type IN ('FS', 'FF') THEN p.status <> 'done'
        ELSE p.started_at IS NULL AND p.status IN ('backlog', 'open')
          AND (d.type = 'SF' OR (t.started_at IS NULL AND t.status IN ('backlog', 'open'))) END
)"""
"""`Dependency.obstructs` in SQL; the contract suite holds the two together."""


@attrs.frozen(slots=True)
class Link:
    """A field of several values, kept in a table of its own."""

    table: str
    owner: str
    column: str
    value_kind: str
    labels: bool = False
    """The values are label names; the table has the labels' ids."""

    def rows(self) -> str:
        joined = " JOIN labels l ON l.team_id = x.team_id AND l.id = x.label_id" if self.labels else ""
        return f"FROM {self.table} x{joined} WHERE x.team_id = t.team_id AND x.{self.owner} = t.id"

    @property
    def value(self) -> str:
        return "l.name" if self.labels else f"x.{self.column}"


LINKS: dict[tuple[type[Any], str], Link] = {
    (Task, "labels"): Link("task_labels", "task_id", "label_id", "array", labels=True),
    (Task, "followers"): Link("task_followers", "task_id", "user_id", "uuid_array"),
    (Project, "guests"): Link("project_guests", "project_id", "user_id", "uuid_array"),
}
_COMPUTED = {"overdue", "fires_at"}
_ENUMS: dict[tuple[type[Any], str], Convert] = {
    (Task, "status"): {status.value: status for status in Status}.__getitem__,
    (Membership, "role"): {role.value: role for role in Role}.__getitem__,
    (EmailToken, "purpose"): {each.value: each for each in Purpose}.__getitem__,
    (Invitation, "role"): {role.value: role for role in Role}.__getitem__,
    (Dependency, "type"): {kind.value: kind for kind in DependencyType}.__getitem__,
    (Dependency, "lag_unit"): {unit.value: unit for unit in LagUnit}.__getitem__,
    (Reminder, "anchor"): {anchor.value: anchor for anchor in ReminderAnchor}.__getitem__,
    (Reminder, "offset_unit"): {unit.value: unit for unit in LagUnit}.__getitem__,
    (Webhook, "payload"): {payload.value: payload for payload in Payload}.__getitem__,
    (Webhook, "disabled_reason"): {reason.value: reason for reason in Disabled}.__getitem__,
    (Delivery, "status"): {status.value: status for status in DeliveryStatus}.__getitem__,
    (Job, "priority"): {each.value: each for each in JobPriority}.__getitem__,
    (Saga, "state"): {state.value: state for state in SagaState}.__getitem__,
    (Job, "state"): {state.value: state for state in JobState}.__getitem__,
    (EscalationRule, "trouble"): {each.value: each for each in EscalationTrouble}.__getitem__,
    (Notification, "reason"): {reason.value: reason for reason in Reason}.__getitem__,
    (Notification, "channel"): {channel.value: channel for channel in Channel}.__getitem__,
    (EscalationRule, "after_unit"): {unit.value: unit for unit in LagUnit}.__getitem__,
    (Project, "schedule_policy"): {policy.value: policy for policy in SchedulePolicy}.__getitem__,
}


_DOCUMENTS = {(Team, "calendar"), (Membership, "calendar")}
"""JSON that is kept as text, since no statement looks into it."""
PACKED: dict[tuple[type[Any], str], Packed] = {(Task, "planning"): Packed(Task, PLANNING, UNPACK)}
"""Columns of several fields, which few things have set."""


def _lease(value: dict[str, str]) -> Lease:
    return Lease(UUID(value["user_id"]), datetime.fromisoformat(value["until"]))  # type: ignore[arg-type]


def _logged(value: list[dict[str, Any]]) -> tuple[LoggedAttempt, ...]:
    return tuple(LoggedAttempt(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in value)


def _failures(value: list[dict[str, Any]]) -> tuple[JobFailure, ...]:
    return tuple(JobFailure(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in value)


def _log(value: list[dict[str, Any]]) -> tuple[SagaStep, ...]:
    return tuple(SagaStep(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in value)


def _steps(value: list[dict[str, Any]]) -> tuple[EscalationStep, ...]:
    return tuple(
        EscalationStep(
            EscalationAction(each["action"]),
            EscalationTarget(each["target"]) if each["target"] else None,
            UserId(UUID(each["user_id"])) if each["user_id"] else None,
            each["after_minutes"],
        )
        for each in value
    )


def _taken(value: list[dict[str, Any]]) -> tuple[Taken, ...]:
    return tuple(Taken(**{**each, "rule_id": UUID(each["rule_id"])}) for each in value)


_OBJECTS: dict[tuple[type[Any], str], Convert] = {
    (Task, "lease"): _lease,
    (Delivery, "log"): _logged,
    (Job, "failures"): _failures,
    (Saga, "log"): _log,
    (Job, "progress"): lambda value: JobProgress(**value),
    (Watch, "fired"): lambda value: tuple(Firing(**each) for each in value),
    (Watch, "taken"): _taken,
    (EscalationRule, "steps"): _steps,
    (EscalationRule, "priorities"): lambda value: tuple(Priority(each) for each in value),
    (NotificationPreferences, "channels"): whole,
}
"""What is made of the JSON in a column."""


def _loader(kind: type[Any]) -> Convert:
    """
    What makes a `kind` of a row as its constructor does, in a third of the time.

    A frozen class sets each field by a call, since its own `__setattr__` refuses. Its twin sets them
    as any class does, and what it made then becomes one of the kind, which has the same slots.
    """
    plain = {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    twin: Any = attrs.define(type(kind.__name__, (kind,), plain), eq=False, repr=False)

    def load(values: Sequence[Any]) -> Any:
        made = twin(*values)
        made.__class__ = kind
        return made

    return load


class Mapping:
    """How one kind of entity is kept in one database."""

    def __init__(self, kind: type[Any], dialect: Dialect) -> None:
        self.kind = kind
        self.table = TABLES[kind]
        self.key = KEYS.get(kind, ("team_id", "seq"))
        self.kinds = COLUMNS[self.table]
        self._packed = {column: packed for (owner, column), packed in PACKED.items() if owner is kind}
        columns = {field: column for column, packed in self._packed.items() for field in packed.fields}
        names = (field.name for field in attrs.fields(kind) if field.name not in _COMPUTED)
        self.fields = tuple(dict.fromkeys(columns.get(name, name) for name in names))
        """The thing's own, but for those that are packed into a column, which stands for them."""
        self.links = {field: link for (owner, field), link in LINKS.items() if owner is kind}
        self.columns = tuple(field for field in self.fields if field in self.kinds)
        self._dialect = dialect
        self._load = _loader(kind)
        self._encoders = [
            (column, self._encoder(column)) for column in self.columns if column not in self._packed
        ]
        self._unpack = [(self.fields.index(column), packed) for column, packed in self._packed.items()]
        self._decoders = [
            (place, decode) for place, field in enumerate(self.fields) if (decode := self._decoder(field))
        ]
        self.select = ", ".join(self._expression(field) for field in self.fields)

    def _expression(self, field: str) -> str:
        if field in self.links:
            link = self.links[field]
            return self._dialect.array(link.value, link.rows())
        return BLOCKED if field == "blocked" else f"t.{field}"

    def _encoder(self, field: str) -> Convert | None:
        if (self.kind, field) in _DOCUMENTS:
            return json.dumps
        return self._dialect.encoders.get(self.kinds[field])

    def _decoder(self, field: str) -> Convert | None:
        decoders = self._dialect.decoders
        if (self.kind, field) in _ENUMS:
            return _ENUMS[self.kind, field]
        if field in self.links:
            return decoders[self.links[field].value_kind]
        if (self.kind, field) in _DOCUMENTS:
            return json.loads
        if (self.kind, field) in _OBJECTS:
            made = _OBJECTS[self.kind, field]
            return lambda text: made(decoders["json"](text))
        return decoders.get("flag" if field == "blocked" else self.kinds[field])

    def entity(self, row: Sequence[Any]) -> Any:
        """The entity in a row of `select`'s columns."""
        values = list(row)
        for place, decode in self._decoders:
            if values[place] is not None:
                values[place] = decode(values[place])
        for place, packed in self._unpack:
            values[place : place + 1] = packed.unpacked(values[place])
        return self._load(values)

    def encode(self, field: str, value: Any) -> Any:
        """A field's value as the driver takes it."""
        encode = self._dialect.encoders.get(self.kinds[field]) if value is not None else None
        return encode(value) if encode else value

    def encode_wanted(self, field: str, value: Any) -> Any:
        """A value to compare a field with; a tuple: any of its values."""
        encode = self._dialect.encoders.get(self._kind_of(field), lambda same: same)
        if isinstance(value, tuple):
            return self._dialect.several([encode(each) for each in value])
        return encode(value)

    def _kind_of(self, field: str) -> str:
        if field in self.links:
            return "str" if self.links[field].labels else "uuid"
        return self.kinds[field]

    def params(self, thing: Any) -> dict[str, Any]:
        """All columns of an entity, as the driver takes them."""
        params = {}
        for column, encode in self._encoders:
            value = getattr(thing, column)
            params[column] = value if encode is None or value is None else encode(value)
        for column, packed in self._packed.items():
            held = packed.packed(thing)
            params[column] = held if held is None else self._dialect.encoders["json"](held)
        return params

    @property
    def insert(self) -> str:
        values = ", ".join(f":{column}" for column in self.columns)
        return f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES ({values})"  # noqa: S608  names of ours

    @property
    def update(self) -> str:
        columns = [column for column in self.columns if column not in self.key]
        new = ", ".join(f"{column} = :{column}" for column in columns)
        return f"UPDATE {self.table} SET {new} WHERE {self.where_key} AND version = :version - 1"  # noqa: S608

    @property
    def delete(self) -> str:
        return f"DELETE FROM {self.table} WHERE {self.where_key}"  # noqa: S608

    @property
    def where_key(self) -> str:
        return " AND ".join(f"{column} = :{column}" for column in self.key)

    def condition(self, field: str, value: object) -> str:
        """The predicate of `find` for one field, whose parameter has the field's name."""
        if field in self.links:
            link = self.links[field]
            test = (
                self._dialect.any_of(link.value, field)
                if isinstance(value, tuple)
                else f"{link.value} = :{field}"
            )
            return f"EXISTS (SELECT 1 {link.rows()} AND {test})"
        if value is None:
            return f"t.{field} IS NULL"
        return (
            self._dialect.any_of(f"t.{field}", field) if isinstance(value, tuple) else f"t.{field} = :{field}"
        )


class _Mappings(dict[tuple[type[Any], Dialect], Mapping]):
    def __missing__(self, key: tuple[type[Any], Dialect]) -> Mapping:
        made = self[key] = Mapping(*key)
        return made


_MAPPINGS = _Mappings()


def mapping(kind: type[Any], dialect: Dialect) -> Mapping:
    """How `kind` is kept in a database of that dialect, worked out once."""
    return _MAPPINGS[kind, dialect]
