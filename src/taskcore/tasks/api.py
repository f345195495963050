"""The use cases of tasks. Each reads: authorise, load, apply, save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Unpack
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, expect_version, repeatable, stale_version
from taskcore.errors import Conflict, PreconditionFailed, invalid
from taskcore.fields import sound
from taskcore.paging import Page
from taskcore.permissions import missing
from taskcore.ports import EventSearch, Rows, Seen, Unit
from taskcore.query import CLAIM_FIELDS, MAX_LIMIT, ClaimFields, QueryFields, task_query
from taskcore.tasks import lifecycle, listing, trash
from taskcore.tasks.cycles import refuse_parent
from taskcore.tasks.expansion import Expanded, expanded, wanted
from taskcore.tasks.model import Task, TaskDetails, TaskFields, TaskRef
from taskcore.tasks.purging import purged
from taskcore.tasks.rank import rank_between
from taskcore.tasks.succession import succession
from taskcore.tasks.surroundings import lock_team_of, resolved, subtree, surroundings
from taskcore.teams.model import Team
from taskcore.values import Status, UserId

MOST_LEASE_MINUTES = 7 * 24 * 60
CLAIMED: ClaimFields = {"status": "open", "sort": "-priority,due_at,created_at"}
"""What is claimed if nothing else is said, and in which order."""


class Tasks(UseCases):
    """`me.tasks`: a task is named by its id or its key."""

    @command
    async def create(
        self,
        unit: Unit,
        team: UUID | str,
        title: str,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[TaskDetails],
    ) -> Task:
        """
        Create a task in a team (its id, slug or key).

        Raises: NotFound, Forbidden; Invalid, with every fault; Conflict `already_exists`, for a
        pair of external source and id that another task of the team has.
        """
        home, _ = await self._allowed(unit, Team, team, "team.read", "task.create")
        wanted = sound(TaskFields, {**fields, "title": title})
        around = await surroundings(unit, home.id, wanted, self._caller.actor)
        task, events = lifecycle.create(home, resolved(wanted, around), around, self._caller.stamp())
        saved: list[Task] = await unit.save([task], events=events)
        return saved[0]

    async def get(self, task: TaskRef, *, deleted: bool = False) -> Task:
        """Read one task; `deleted` finds it in the trash too. Raises: NotFound."""
        found, _ = await self._allowed(self._rows, Task, task, "task.read")
        if found.deleted_at is not None and not deleted:
            raise missing(f"task {task}")
        return lifecycle.derived(found, None, self._caller.clock())

    async def list(self, **filters: Unpack[QueryFields]) -> Page[Task]:
        """
        A page of the tasks that the caller may see and `filters` select.

        Raises: NotFound, for a team that is not there or not the caller's; Malformed; Invalid.
        """
        return await listing.page(self._caller, task_query(filters))

    async def count(self, **filters: Unpack[QueryFields]) -> int:
        """How many tasks `filters` select in all."""
        return await listing.count(self._caller, task_query(filters))

    async def expand(self, tasks: Sequence[Task], names: str) -> Sequence[Expanded]:
        """Tasks that one has read, each with what it refers to: `assignee`, `project`, `labels`.

        Raises: Malformed, for other names; Unauthenticated.
        """
        asked = wanted(names)
        await self._oneself(self._rows)
        return await expanded(self._caller, tasks, asked)

    @command
    async def edit(
        self,
        unit: Unit,
        task: TaskRef,
        *,
        if_version: int | None = None,
        merge: bool = False,
        force: bool = False,
        idempotency_key: str | None = None,
        **fields: Unpack[TaskFields],
    ) -> Task:
        """
        Change the given fields; those absent stay, None clears.

        Without `if_version` the last writer of a field wins. With it any newer version is refused;
        with `merge` too, only one in which a given field changed since. `force` finishes a task
        that is blocked or has unfinished subtasks. One of a series that is done is followed by the next.

        Raises: NotFound, Forbidden, Invalid, PreconditionFailed (`version_conflict`, with
        `fields`), Conflict (`blocked`, `unfinished_subtasks`, `cycle`, `already_exists`).
        """
        if fields.get("parent_id") is not None:
            await self._lock_team(unit, task)
        current = await self._editable(unit, task, fields)
        wanted = sound(TaskFields, fields)
        around = await surroundings(unit, current.team_id, wanted, self._caller.actor, current)
        stale = stale_version(current, if_version)
        if stale is not None and merge:
            stale = await self._overwritten(unit, current, if_version, wanted)
        stamp = self._caller.stamp()
        changed, events = lifecycle.edit(
            current, resolved(wanted, around), around, stamp, stale=stale, force=force
        )
        if not events:
            return lifecycle.derived(current, None, self._caller.clock())
        if around.lineage and changed.parent_id != current.parent_id:
            await refuse_parent(unit, current, around.lineage)
        following, told = await succession(unit, current, changed, stamp)
        saved: list[Any] = await unit.save([changed, *following], events=[*events, *told])
        return saved[0]  # type: ignore[no-any-return]

    async def complete(
        self,
        task: TaskRef,
        *,
        force: bool = False,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Finish a task. Raises as `edit`, Conflict `blocked` and `unfinished_subtasks` among it."""
        return await self.edit(
            task, status=Status.DONE, force=force, if_version=if_version, idempotency_key=idempotency_key
        )

    async def reopen(
        self, task: TaskRef, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Task:
        """Take a finished task up again."""
        return await self.edit(
            task, status=Status.OPEN, if_version=if_version, idempotency_key=idempotency_key
        )

    async def start(
        self, task: TaskRef, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Task:
        """Begin work: the first time sets `started_at`."""
        return await self.edit(
            task, status=Status.IN_PROGRESS, if_version=if_version, idempotency_key=idempotency_key
        )

    async def cancel(
        self, task: TaskRef, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Task:
        """Finish a task without its being done."""
        return await self.edit(
            task, status=Status.CANCELLED, if_version=if_version, idempotency_key=idempotency_key
        )

    async def assign(
        self,
        task: TaskRef,
        assignee: UserId | None,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Give a task to a member of its team, or to nobody."""
        return await self.edit(
            task, assignee_id=assignee, if_version=if_version, idempotency_key=idempotency_key
        )

    @repeatable
    async def move(
        self,
        task: TaskRef,
        *,
        after: TaskRef | None = None,
        before: TaskRef | None = None,
        if_version: int | None = None,
        merge: bool = False,
        force: bool = False,
        idempotency_key: str | None = None,
        **fields: Unpack[TaskFields],
    ) -> Task:
        """Move a task to another project (`project_id`), or in the manual order: right behind the
        task `after`, right ahead of the task `before`, or to a `rank`. Takes and raises what `edit` does."""
        if after is not None or before is not None:
            moving = await self._editable(self._rows, task, fields)
            fields["rank"] = await self._rank(moving, after, before)
        return await self.edit(task, if_version=if_version, merge=merge, force=force, **fields)

    @repeatable
    async def claim(
        self,
        team: UUID | str,
        *,
        lease_minutes: int = 30,
        idempotency_key: str | None = None,
        **filters: Unpack[ClaimFields],
    ) -> Task | None:
        """
        Take the next ready task of a team, and hold it for a while: to exactly one of all who ask.

        Ready is what is open (or what `filters` say), not blocked, to be started by now, and free: it is
        nobody's or one's own, or whoever claimed it held it for so long without finishing it. The most
        pressing comes first, then what is due first, unless `sort` says otherwise. None, if none is.

        Raises: NotFound, Forbidden; Invalid; Malformed; Conflict `contended`, if others took all that was seen.
        """
        await self._allowed(self._rows, Team, team, "team.read", "task.claim")
        if type(lease_minutes) is not int or not 1 <= lease_minutes <= MOST_LEASE_MINUTES:
            raise invalid("lease_minutes", f"must be a whole number from 1 to {MOST_LEASE_MINUTES}")
        wanted = task_query({**CLAIMED, **filters}, CLAIM_FIELDS)
        query = attrs.evolve(wanted, team=(str(team),), limit=MAX_LIMIT)
        candidates = await listing.free(self._caller, query)
        if not candidates and self._caller.attempt is None:
            return None
        return await self._claim(team, candidates, lease_minutes)

    @command
    async def _claim(
        self, unit: Unit, team: UUID | str, candidates: Sequence[Task], lease_minutes: int
    ) -> Task | None:
        await self._allowed(unit, Team, team, "team.read", "task.claim")
        if not candidates:
            return None
        stamp = self._caller.stamp()
        for candidate in candidates:
            if not await unit.hold(f"claim {candidate.id}"):
                continue
            current = (await unit.see(Task, candidate.id, self._caller.actor)).thing
            if current is None or current.version != candidate.version:
                continue
            fields: TaskFields = {"assignee_id": self._caller.user_id}
            around = await surroundings(unit, current.team_id, fields, self._caller.actor, current)
            until = stamp.now + timedelta(minutes=lease_minutes)
            claimed, events = lifecycle.claim(current, until, around, stamp)
            saved: list[Task] = await unit.save([claimed], events=events)
            return lifecycle.derived(saved[0], None, stamp.now)
        raise Conflict("others took all that was ready: ask again", code="contended")

    @command
    async def delete(
        self, unit: Unit, task: TaskRef, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Task:
        """Put a task in the trash, with its subtasks; gives it as it lies there. Raises: NotFound; Forbidden, for any of them;
        PreconditionFailed."""
        await self._lock_team(unit, task)
        current, seen = await self._living(unit, task)
        tree = [each for level in await subtree(unit, current) for each in level]
        for each in tree:
            if each.deleted_at is None:
                own = each.created_by == self._caller.user_id
                self._require(
                    seen.standing, "task.delete_own" if own else "task.delete_other", f"task {each.key}"
                )
        if stale := stale_version(current, if_version):
            raise stale
        deleted, events = trash.delete(tree, self._caller.stamp())
        saved: list[Task] = await unit.save(deleted, events=events)
        return lifecycle.derived(saved[0], None, self._caller.clock())

    @command
    async def restore(
        self, unit: Unit, task: TaskRef, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Task:
        """Take a task, and what went with it, out of the trash. Raises: Conflict `parent_deleted`,
        `trash_expired`."""
        await self._lock_team(unit, task)
        current, seen = await self._allowed(unit, Task, task, "task.read")
        self._require(
            seen.standing, "task.restore", f"task {task}", own=current.deleted_by == self._caller.user_id
        )
        expect_version(current, if_version)
        tree = [each for level in await subtree(unit, current) for each in level]
        parents = (
            await unit.find(Task, team_id=current.team_id, id=current.parent_id) if current.parent_id else []
        )
        restored, events = trash.restore(tree, next(iter(parents), None), self._caller.stamp())
        if not events:
            return current
        saved: list[Task] = await unit.save(restored, events=events)
        return lifecycle.derived(saved[0], None, self._caller.clock())

    @command
    async def purge(
        self, unit: Unit, task: TaskRef, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> None:
        """End a task in the trash for good, with its subtasks, comments and links."""
        await self._lock_team(unit, task)
        current, _ = await self._allowed(unit, Task, task, "task.read", "task.purge")
        expect_version(current, if_version)
        removed, events, entry = await purged(unit, current, self._caller.stamp())
        await unit.save([entry], removed=removed, events=events)

    async def _lock_team(self, unit: Unit, ref: TaskRef) -> None:
        await lock_team_of(unit, ref)

    async def _living(self, reader: Rows | Unit, ref: TaskRef, *actions: str) -> tuple[Task, Seen[Task]]:
        """A task that is not in the trash, once the caller may do every one of `actions`."""
        task, seen = await self._allowed(reader, Task, ref, "task.read", *actions)
        if task.deleted_at is not None:
            raise missing(f"task {ref}")
        return task, seen

    async def _editable(self, reader: Rows | Unit, ref: TaskRef, fields: TaskFields) -> Task:
        task, seen = await self._living(reader, ref)
        own = task.created_by == self._caller.user_id
        actions = ["task.update_own" if own else "task.update_other"]
        actions += ["task.assign"] * ("assignee_id" in fields)
        actions += ["task.move_project", "task.create"] * ("project_id" in fields)
        for action in actions:
            self._require(seen.standing, action, f"task {ref}", shared=seen.shared)
        return task

    async def _overwritten(
        self, unit: Unit, task: Task, base: int | None, fields: TaskFields
    ) -> PreconditionFailed | None:
        """The failed precondition, if a given field changed since version `base`."""
        if base is None or base > task.version or base < 1:
            return stale_version(task, base)
        changed = await self._changed_since(unit, task, base)
        written = {*fields, *(["due_at"] if "due_on" in fields else [])}
        clash = sorted(changed & written)
        if not clash:
            return None
        return PreconditionFailed(
            f"changed by somebody else since version {base}: {', '.join(clash)}",
            version=task.version,
            fields=clash,
        )

    async def _changed_since(self, unit: Unit, task: Task, base: int) -> set[str]:
        """The fields that changed since version `base`, from the task's log, back to there."""
        changed: set[str] = set()
        search = EventSearch(task.team_id, task.id, newest_first=True, limit=100)
        while events := await unit.events(search):
            for event in events:
                if event.subject_type == "task" and event.data["task"]["version"] <= base:
                    return changed
                changed |= event.data.keys() if event.subject_type == "task" else set()
            search = attrs.evolve(search, after=events[-1].seq)
        return changed

    async def _rank(self, task: Task, after: TaskRef | None, before: TaskRef | None) -> str:
        if after is not None and before is not None:
            raise invalid("before", "must not come with after: give one of them")
        neighbour = await self.get(after if after is not None else before or "")
        if neighbour.team_id != task.team_id or neighbour.id == task.id:
            raise invalid("after" if after is not None else "before", "must be another task of the same team")
        beyond = await listing.next_rank(self._caller, neighbour, task, following=after is not None)
        low, high = (neighbour.rank, beyond) if after is not None else (beyond or "", neighbour.rank)
        return rank_between(low, high)
