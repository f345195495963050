"""Several changes of tasks in one request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from taskcore.errors import Fault, Invalid, Malformed
from taskcore.tasks.batches import Operation, Outcome
from taskcore.tasks.model import Task, TaskFields
from taskcore_http import errors
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation as Route
from taskcore_http.strict import structured
from taskcore_http.wire import Call

_WORDS = ("op", "id", "temp_id", "team_id")


class Batch(TypedDict, total=False):
    """Up to 100 operations, in order: `op` (create, edit, complete, reopen, start, cancel, assign, move, delete,
    restore), the task's `id` or, to create one, `team_id`; the fields that are set; `if_version` and `force`. A new
    task's `temp_id` names it for those that follow. `atomic`: all of them or none."""

    operations: Sequence[Mapping[str, Any]]
    atomic: bool


class Verb(TypedDict):
    """What every operation says."""

    op: str


class BatchOperation(Verb, TaskFields, total=False):
    """One change of a task."""

    id: str
    team_id: str
    temp_id: str
    if_version: int
    force: bool


class BatchItem(TypedDict, total=False):
    """What became of one operation: its own `status`, and the task or the problem."""

    status: int
    op: str
    temp_id: str
    task: Task
    problem: Mapping[str, Any]


class BatchAnswer(TypedDict):
    """An item for each operation, in their order."""

    items: Sequence[BatchItem]


@Route(
    "POST",
    "/v1/tasks/batch",
    body=Batch,
    inside={"operations": BatchOperation},
    needs=("operations",),
    gives=BatchAnswer,
    rights=(
        *("task.bulk", "team.read", "task.create", "task.read", "task.update_own", "task.update_other"),
        *("task.assign", "task.move_project", "task.delete_other", "task.delete_own", "task.restore"),
    ),
    refuses=("blocked", "unfinished_subtasks", "cycle", "already_exists", "version_conflict", "not_found"),
)
async def batch_tasks(request: Call) -> Answer:
    """
    Carry out several operations on tasks, each with a status of its own, or all of them or none.

    Without `atomic` the answer is 200 whatever becomes of each. With it the first that is refused undoes the
    others, and is the answer; its `index` says which it was.
    """
    me = request.me
    given = await request.sent(Batch, lambda _: me.me.get())
    operations = [_read(each) for each in given.get("operations", ())]
    outcomes = await me.batches.run(operations, atomic=given.get("atomic", False))
    return request.one({"items": [_shown(request, each) for each in outcomes]})


def _read(operation: Mapping[str, Any]) -> Operation | Invalid:
    """An operation with its fields as the core has them; the error, where they cannot be read."""
    words = {name: operation[name] for name in _WORDS if name in operation}
    rest = {name: value for name, value in operation.items() if name not in (*words, "if_version", "force")}
    kept: dict[str, Any] = {name: operation[name] for name in ("if_version", "force") if name in operation}
    faults = [Fault(name, "must be a string") for name, value in words.items() if not isinstance(value, str)]
    if "if_version" in kept and type(kept["if_version"]) is not int:
        faults.append(Fault("if_version", "must be a whole number"))
    if "force" in kept and type(kept["force"]) is not bool:
        faults.append(Fault("force", "must be true or false"))
    try:
        fields = structured(rest, TaskFields)
    except Malformed:
        raise
    except Invalid as error:
        return Invalid(faults=[*faults, *error.faults])
    return Invalid(faults=faults) if faults else {**words, **kept, **fields}


def _shown(request: Call, outcome: Outcome) -> dict[str, Any]:
    item: dict[str, Any] = {"op": outcome.op}
    if outcome.temp_id is not None:
        item["temp_id"] = outcome.temp_id
    if outcome.error is not None:
        said = errors.problem(request, outcome.error)
        del said["request_id"]  # the whole answer has it, and a repetition says the same
        return {"status": said["status"], **item, "problem": said}
    if outcome.task is None:
        return {"status": 204, **item}
    return {"status": 201 if outcome.op == "create" else 200, **item, "task": outcome.task}
