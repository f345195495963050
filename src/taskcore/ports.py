"""
What the core needs of a store: a unit of work for commands, rows for reads.

The docstrings are the contract; `taskcore.testing` has each sentence of it as a test, run over
every store. Entities are the attrs classes of the `model` modules, and a store keeps them by the
key that `KEYS` names.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import attrs

from taskcore.delivery.inbox import Notification
from taskcore.delivery.model import Delivery, Webhook
from taskcore.delivery.positions import LogPosition
from taskcore.delivery.preferences import NotificationPreferences
from taskcore.errors import PreconditionFailed
from taskcore.events import Event
from taskcore.idempotency import IdempotencyRecord
from taskcore.identity.model import (
    ApiToken,
    AuditEntry,
    Credential,
    EmailToken,
    Identity,
    RefreshToken,
    Session,
    User,
)
from taskcore.jobs.model import Job, JobSchedule
from taskcore.permissions import Actor, Scope, Standing
from taskcore.progress import Progress
from taskcore.query import RELEVANCE, Position, TaskFilter
from taskcore.sagas.model import Saga
from taskcore.tasks.model import Comment, Dependency, SavedView, Task
from taskcore.tasks.reading import ReadMarker, Unread
from taskcore.tasks.reminding import Reminder
from taskcore.teams.model import Invitation, Label, Membership, Project, Team
from taskcore.values import CommentId, ProjectId, TaskId, TeamId, UserId
from taskcore.watching.model import EscalationRule, Watch

Entity = (
    User
    | Credential
    | Session
    | RefreshToken
    | EmailToken
    | Identity
    | AuditEntry
    | ApiToken
    | IdempotencyRecord
    | Team
    | Membership
    | Invitation
    | Project
    | Label
    | Task
    | Dependency
    | Comment
    | SavedView
    | Reminder
    | LogPosition
    | ReadMarker
    | Webhook
    | Delivery
    | Job
    | JobSchedule
    | Saga
    | Watch
    | EscalationRule
    | Notification
    | NotificationPreferences
)
E = TypeVar("E", bound=Entity)
R = TypeVar("R")

KEYS: dict[type[Any], tuple[str, ...]] = {
    User: ("id",),
    Credential: ("user_id",),
    Session: ("id",),
    RefreshToken: ("id",),
    EmailToken: ("id",),
    Identity: ("issuer", "subject"),
    AuditEntry: ("id",),
    ApiToken: ("id",),
    IdempotencyRecord: ("user_id", "key_hash"),
    Team: ("id",),
    Membership: ("team_id", "user_id"),
    Invitation: ("team_id", "id"),
    Project: ("team_id", "id"),
    Label: ("team_id", "id"),
    Task: ("team_id", "id"),
    Dependency: ("team_id", "predecessor_id", "successor_id"),
    Comment: ("team_id", "id"),
    SavedView: ("team_id", "id"),
    Reminder: ("team_id", "id"),
    LogPosition: ("team_id", "consumer"),
    ReadMarker: ("team_id", "task_id", "user_id"),
    Webhook: ("team_id", "id"),
    Delivery: ("team_id", "id"),
    Job: ("id",),
    JobSchedule: ("name",),
    Saga: ("id",),
    Watch: ("team_id", "task_id"),
    EscalationRule: ("team_id", "id"),
    Notification: ("user_id", "id"),
    NotificationPreferences: ("user_id",),
}
"""The primary key of each entity; the tenant is in every key of what belongs to a team."""

UNIQUE: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (User, ("email",)),
    (Team, ("slug",)),
    (Team, ("key",)),
    (Label, ("team_id", "name")),
    (Task, ("team_id", "number")),
    (Task, ("team_id", "external_source", "external_id")),
    (Invitation, ("token_hash",)),
    (RefreshToken, ("token_hash",)),
    (EmailToken, ("token_hash",)),
    (ApiToken, ("token_hash",)),
    (Job, ("unique_key",)),
    (Notification, ("user_id", "cause")),
)
"""Fields that no two entities of a class may share (None is never shared)."""


DUE: dict[type[Any], str] = {
    Delivery: "next_attempt_at",
    Job: "due_at",
    JobSchedule: "due_at",
    Watch: "wakes_at",
    NotificationPreferences: "next_digest_at",
    Task: "deleted_at",
    IdempotencyRecord: "created_at",
    RefreshToken: "expires_at",
    EmailToken: "expires_at",
}
"""The instant at which something is to be done about a thing, or from which it is counted; None, where nothing is."""

OUTLIVING: frozenset[type[Any]] = frozenset({AuditEntry, Saga})
"""What tells of a team, and is there when it is no more."""

LASTING: frozenset[type[Any]] = frozenset({AuditEntry})
"""What is never changed and never removed; `refuse_lasting` is for a store to call."""


def refuse_lasting(changed: Sequence[Any], removed: Sequence[Any]) -> None:
    """Raise `PreconditionFailed` where a save would change or remove what lasts."""
    for thing in (*(each for each in changed if each.version != 1), *removed):
        if type(thing) in LASTING:
            raise PreconditionFailed(f"an {type(thing).__name__} is never changed")


@attrs.frozen(slots=True)
class Seen(Generic[E]):
    """A thing, if it is there, with the caller's standing in its team and, for a guest, whether it
    lies in a project shared with them. One answer, so that a decision needs no second read."""

    standing: Standing
    thing: E | None
    shared: bool = False


@attrs.frozen(slots=True)
class TaskSearch:
    """A task query ready to run: for whom, where, what, in which order, from where on."""

    scope: Scope
    teams: tuple[str, ...]
    where: TaskFilter
    order: tuple[tuple[str, bool], ...]
    """Fields with True for descending; the id follows in the last one's direction."""
    now: datetime
    after: Position | None = None
    limit: int = 50
    terms: tuple[str, ...] = ()
    """What the field `relevance` of an order is of, as `tasks.relevance` says."""

    @property
    def ranked(self) -> bool:
        return any(field == RELEVANCE for field, _ in self.order)


@attrs.frozen(slots=True)
class Found:
    """What a task search gave. `standings` has the caller's standing in each team asked for, by
    the name asked; a team that is not there, or not theirs, is missing from it."""

    active: bool
    standings: dict[str, Standing]
    items: list[Task]
    relevance: Sequence[int] = ()
    """Of each item, if the order goes by it."""


@attrs.frozen(slots=True)
class EventSearch:
    """A stretch of a team's log: after a seq, or newest first for one task's activity."""

    team_id: TeamId
    task_id: TaskId | None = None
    after: int | None = None
    newest_first: bool = False
    limit: int = 50
    shared_with: UserId | None = None
    """Only events of tasks in projects shared with this user; None: all of the team's."""
    kinds: tuple[str, ...] = ()
    """Only events of these kinds: `task.created`, or `task.*` for all of a noun; none: of every kind."""
    project_id: ProjectId | None = None
    """Only events of a project: of itself, of the tasks in it, and of their coming and going."""


@attrs.frozen(slots=True)
class UnreadSearch:
    """
    What a user has not read in a team, newest first: comments of others, not deleted, beyond their marker.

    Of tasks without a marker only those count that they created, are assigned to, follow, or commented on:
    else whoever joins a team had all unread that was ever said there.
    """

    user_id: UserId
    team_id: TeamId
    task_id: TaskId | None = None
    before: CommentId | None = None
    """Only tasks whose newest unread comment is older than this one."""
    limit: int = 50
    whole: bool = True
    """Whether the user sees all of the team; else only tasks in projects that are shared with them."""


class Rows(Protocol):
    """The read side. Each call sees one committed state of the store."""

    async def see(self, kind: type[E], ref: UUID | str, actor: Actor) -> Seen[E]:
        """The `kind` called `ref`, with what `actor` is to its team (to none, for what belongs to none).

        Their standing is not active where the account is disabled, or the session or API token is
        revoked, or somebody else's. A token for one team has no role in any other.

        A ref is an id (a UUID or its text); a task's also its key, a team's also its slug or key.
        A text that names nothing, however odd, gives `thing=None`. Things in the trash are given.
        A deleted team, and what is in it, is not.
        """

    async def find(
        self,
        kind: type[E],
        /,
        *,
        after: Any = None,
        limit: int | None = None,
        newest_first: bool = False,
        due: datetime | None = None,
        **where: Any,
    ) -> list[E]:
        """All of a kind whose fields equal `where` (a tuple: any of its values; None is a value; a
        field of several values: holds it), by rising last field of their key (or falling, with
        `newest_first`), from the one beyond `after` on. With `due` only those whose field in `DUE` is
        set and no later, the earliest first."""

    async def search(self, search: TaskSearch) -> Found:
        """Tasks that `search.scope` permits and `search.where` selects, in order, at most `limit`."""

    async def count(self, search: TaskSearch | EventSearch) -> int:
        """How many tasks, or events, `search` selects in all: the place of the page in a list (`after`,
        `limit`) set aside, where a log begins (`after` with rising `seq`) not."""

    async def events(self, search: EventSearch) -> list[Event]:
        """Events of one team, by rising `seq` (or falling), at most `limit`."""

    async def heads(self, teams: Sequence[TeamId] | None = None) -> dict[TeamId, int]:
        """The seq of the last event of each of these teams (None: of all), as far as the reader may know of it."""

    async def unread(self, search: UnreadSearch) -> list[Unread]:
        """Tasks, not deleted, on which there is something unread, at most `limit`."""


class Unit(Protocol):
    """One unit of work: a transaction in which a use case loads, and saves once, as its last act (what
    remembers the use case itself is saved after it).

    What `see` and `find` return here is the newest committed state, and a task that `see` returned
    is locked: no other unit changes it before this one ends. Nothing is visible outside before the
    unit ends without an exception; with one, nothing ever is.
    """

    async def see(self, kind: type[E], ref: UUID | str, actor: Actor) -> Seen[E]:
        """As `Rows.see`; locks what it returns against other units."""

    async def find(self, kind: type[E], /, *, free: bool = False, **where: Any) -> list[E]:
        """As `Rows.find`; with `free` only what no other unit has locked so, and locks it: whoever takes work asks
        for what is due, and gets what nobody else is taking."""

    async def events(self, search: EventSearch) -> list[Event]:
        """As `Rows.events`."""

    async def lock(self, team_id: TeamId | None) -> None:
        """Wait until no other unit holds this team's lock (None: the instance's), then hold it to the
        end of the unit. Rules that count or walk a graph take it before they load."""

    async def hold(self, name: str) -> bool:
        """Whether no other unit holds this name; if so this one does, to its end. Waits for nobody."""

    async def save(
        self,
        changed: Sequence[Entity],
        *,
        removed: Sequence[Entity] = (),
        events: Sequence[Event] = (),
        verbatim: bool = False,
    ) -> list[Any]:
        """Write all of it, and return `changed` as written.

        An entity of version 1 is new; any other replaces version - 1, else `PreconditionFailed`.
        An `AuditEntry` can only be new. With a `Webhook` that is removed go its deliveries;
        with a `Task` what people were told of it, with a `Membership` what its user was told of that team.
        A new task of number 0 gets the team's next number and its key. Each event gets its team's
        next `seq`: 1, 2, 3 … in the order of commits, without a gap, never given twice. Raises
        `Conflict` (`already_exists`, with `field`) where `UNIQUE` forbids it.

        With `verbatim` all of `changed` is new, whatever its version, which it keeps: what was kept
        elsewhere comes back as it was. Numbers that are new in their team then lie beyond those of its
        tasks.
        """

    async def purge(self, team_id: TeamId, most: int) -> int:
        """
        Remove some `most` things of a team for good, what points at others first and the team itself, with its log's
        end, last; and say how many of them were. 0: nothing of it is left, but what is `OUTLIVING`.

        For the instance alone. Whether the team is to go is the caller's to know: nothing of it comes back.
        """


class Store(Protocol):
    """A place where everything is kept. Made by a factory `(url, *, blocking)` that is registered
    as an entry point in the group `taskcore.stores` under the URL's scheme."""

    @property
    def suspends(self) -> bool:
        """False: its coroutines never wait on an event loop, so a caller without one can run them."""

    @property
    def written(self) -> int:
        """A position that covers every unit committed here by now. 0, where a read shows each of them anyway."""

    def rows(self, actor: Actor | None = None, progress: Progress | None = None) -> Rows:
        """The read side, in the name of `actor`; None is the instance itself, for what crosses teams.

        What it shows is at least as new as every write acknowledged before; with `progress`, as the writes
        that this knows of. Whatever the rights of `actor` rest on is always the newest.

        A store with a wall of its own (row-level security) shows an actor what lies in their teams,
        whatever a statement asks for.
        """

    async def transact(self, work: Callable[[Unit], Awaitable[R]], actor: Actor | None = None) -> R:
        """Run `work` in a unit of work, in the name of `actor` as in `rows`; commit if it returns, undo
        all of it if it raises.

        May run `work` again from the start, in a new unit, when this one lost a race that it need
        not have lost (a deadlock, a role changed under it): `work` changes nothing else.
        """

    async def now(self) -> datetime | None:
        """The time by the clock that all who use this store share; None, where that is this process's own."""

    async def secret(self) -> bytes:
        """32 random bytes, made once for the life of the store: the key that seals cursors."""

    async def check(self) -> None:
        """Return if it can serve; raises `Unavailable` where it does not answer, or where its
        schema is older or newer than this code."""

    async def upgrade(self) -> str:
        """Bring the schema to this code's version, creating it if need be; returns that version."""

    async def close(self) -> None:
        """Let go of every connection and thread."""
