"""Several changes of tasks at once: each by itself, or all or none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, repeatable
from taskcore.errors import Fault, Invalid, TaskCoreError, invalid
from taskcore.ports import Unit
from taskcore.tasks.api import Tasks
from taskcore.tasks.model import Task
from taskcore.values import Status, text_faults

MOST_OPERATIONS = 100
REFS = ("id", "parent_id")
"""Where a task that an earlier operation makes may be named by its `temp_id`."""
_STATUSES = {
    "complete": Status.DONE,
    "reopen": Status.OPEN,
    "start": Status.IN_PROGRESS,
    "cancel": Status.CANCELLED,
}
VERBS = ("create", "edit", *_STATUSES, "assign", "move", "delete", "restore")
_REF = re.compile(r"[A-Za-z]{2,10}-[0-9]+|[0-9A-Fa-f-]{32,36}")
Operation = Mapping[str, Any]
"""`op`, one of `VERBS`; `id` of the task, or for a new one `team_id` and, to be named by, `temp_id`;
`if_version`, `force`; and the fields that are set."""


@attrs.frozen(slots=True)
class Outcome:
    """What became of one operation: the task as it is now (None where it was deleted), or why nothing did."""

    op: str
    task: Task | None = None
    error: TaskCoreError | None = None
    temp_id: str | None = None
    new: bool = False
    """Whether it was done under an idempotency key, and not before."""


class Batches(UseCases):
    """`me.batches`: several operations on tasks in one call."""

    @repeatable
    async def run(
        self,
        operations: Sequence[Operation | Invalid],
        *,
        atomic: bool = False,
        idempotency_key: str | None = None,
    ) -> list[Outcome]:
        """
        Carry out up to 100 operations, in order.

        Each stands by itself, and its outcome says what became of it. With `atomic` all of them are
        one change: the first that is refused undoes the others, and is raised, with its `index`. An
        operation that a door could not read stands in its place as the error.

        Raises: Invalid, for a list that is none; with `atomic` what the operation raises.
        """
        if not 0 < len(operations) <= MOST_OPERATIONS:
            raise invalid("operations", f"must be 1 to {MOST_OPERATIONS} operations")
        if atomic:
            return await self._all_or_none([_readable(place, each) for place, each in enumerate(operations)])
        await self._oneself(self._rows)
        outcomes, made = [], dict[str, UUID]()
        for place, operation in enumerate(operations):
            outcomes.append(await self._tried(place, operation, made))
        if self._caller.attempt is not None:  # a repetition is one only if it did nothing that is new
            done = [each for each in outcomes if each.error is None]
            self._caller.attempt.replayed = bool(done) and not any(each.new for each in done)
        return outcomes

    async def _tried(self, place: int, operation: Operation | Invalid, made: dict[str, UUID]) -> Outcome:
        if isinstance(operation, Invalid):
            return Outcome("", error=operation)
        caller = self._caller
        if caller.attempt is not None:
            caller = attrs.evolve(caller, attempt=caller.attempt.part(place))
        try:
            step = _step(operation, made)
            task = await step.run(Tasks(caller))
        except TaskCoreError as error:
            return Outcome(_text(operation, "op") or "", error=error, temp_id=_text(operation, "temp_id"))
        new = caller.attempt is not None and not caller.attempt.replayed
        return attrs.evolve(step.done(task, made), new=new)

    @command
    async def _all_or_none(self, unit: Unit, operations: Sequence[Operation]) -> list[Outcome]:
        outcomes, made = [], dict[str, UUID]()
        for place, operation in enumerate(operations):
            try:
                step = _step(operation, made)
                outcomes.append(step.done(await step.run_in(unit, Tasks(self._caller)), made))
            except TaskCoreError as error:
                error.data["index"] = place
                raise
        return outcomes


@attrs.frozen(slots=True)
class Step:
    """One operation, ready to be carried out: the verb of `Tasks`, and what it is given."""

    op: str
    verb: str
    args: tuple[Any, ...]
    fields: dict[str, Any]
    temp_id: str | None

    async def run(self, tasks: Tasks) -> Task | None:
        result: Task | None = await getattr(tasks, self.verb)(*self.args, **self.fields)
        return result

    async def run_in(self, unit: Unit, tasks: Tasks) -> Task | None:
        """The same as a part of a unit that goes on."""
        method: Callable[..., Any] = getattr(Tasks, self.verb).__wrapped__
        result: Task | None = await method(tasks, unit, *self.args, **self.fields)
        return result

    def done(self, task: Task | None, made: dict[str, UUID]) -> Outcome:
        if self.temp_id is not None and task is not None:
            made[self.temp_id] = task.id
        return Outcome(self.op, None if self.op == "delete" else task, temp_id=self.temp_id)


def _readable(place: int, operation: Operation | Invalid) -> Operation:
    if isinstance(operation, Invalid):
        operation.data["index"] = place
        raise operation
    return operation


def _step(operation: Operation, made: Mapping[str, UUID]) -> Step:
    """Raises: Invalid, for an operation that is none."""
    fields = {name: _made(name, value, made) for name, value in operation.items()}
    op, temp_id = fields.pop("op", None), fields.pop("temp_id", None)
    if temp_id is not None and (faults := _temp_id_faults(temp_id, made)):
        raise Invalid(faults=faults)
    if op not in VERBS:
        raise invalid("op", f"must be one of {', '.join(VERBS)}")
    if op == "create":
        team, title = fields.pop("team_id", None), fields.pop("title", "")
        if not isinstance(team, str | UUID):
            raise invalid("team_id", "is required: a team's id, slug or key")
        return Step(op, "create", (team, title), fields, temp_id)
    task = fields.pop("id", None)
    faults = [] if isinstance(task, str | UUID) else [Fault("id", "is required: a task's id or key")]
    if temp_id is not None:
        faults.append(Fault("temp_id", "is for what is created"))
    if faults:
        raise Invalid(faults=faults)
    if op in ("delete", "restore") and fields.keys() - {"if_version"}:
        names = sorted(fields.keys() - {"if_version"})
        raise Invalid(faults=[Fault(name, f"is nothing that {op} takes") for name in names])
    if op in _STATUSES:
        fields["status"] = _STATUSES[op]
    if op == "assign" and "assignee_id" not in fields:
        raise invalid("assignee_id", "is required: whom to give it, or null")
    return Step(op, op if op in ("delete", "restore") else "edit", (task,), fields, None)


def _temp_id_faults(temp_id: Any, made: Mapping[str, UUID]) -> list[Fault]:
    if not isinstance(temp_id, str) or (faults := text_faults("temp_id", temp_id, least=1, most=100)):
        return [Fault("temp_id", "must be a text")] if not isinstance(temp_id, str) else faults
    if temp_id in made:
        return [Fault("temp_id", "is another new task's already")]
    return [Fault("temp_id", "must not look like a task's id or key")] if _REF.fullmatch(temp_id) else []


def _made(name: str, value: Any, made: Mapping[str, UUID]) -> Any:
    return made.get(value, value) if name in REFS and isinstance(value, str) else value


def _text(operation: Operation, name: str) -> str | None:
    value = operation.get(name)
    return value if isinstance(value, str) else None
