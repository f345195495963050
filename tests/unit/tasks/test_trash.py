"""Into the trash with all that hangs on it, out again, or gone for good."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.errors import Conflict
from taskcore.tasks import trash
from taskcore.tasks.model import TRASH_DAYS, Task
from tests.unit.examples import ADA, BOB, LATER, NOW, stamp, task

EARLIER = NOW - timedelta(days=1)
trees = st.lists(st.booleans(), max_size=6).map(
    lambda gone: [task(1), *(task(n, deleted_at=EARLIER if g else None) for n, g in enumerate(gone, start=2))]
)


@given(tree=trees)
def test_what_is_deleted_together_comes_back_together(tree: list[Task]) -> None:
    deleted, told = trash.delete(tree, stamp())
    after = {each.id: each for each in tree} | {each.id: each for each in deleted}
    restored, told_again = trash.restore(list(after.values()), None, stamp())
    living = [each for each in tree if each.deleted_at is None]

    assert [each.id for each in deleted] == [each.id for each in restored] == [each.id for each in living]
    assert {(each.deleted_at, each.deleted_by, each.version) for each in deleted} == {(LATER, ADA.id, 2)}
    assert [attrs.evolve(each, version=1, updated_at=NOW) for each in restored] == living
    assert {event.kind for event in told} == {"task.deleted"}
    assert [event.kind for event in told_again] == ["task.restored"] * len(living)


def test_an_event_tells_who_deleted_and_when() -> None:
    _, (event,) = trash.delete([task()], stamp())

    assert event.data["deleted_by"] == {"from": None, "to": str(ADA.id)}
    assert event.data["deleted_at"]["from"] is None


def test_what_is_not_in_the_trash_is_not_restored() -> None:
    assert trash.restore([task()], None, stamp()) == ([], [])


def test_a_subtask_waits_in_the_trash_for_its_parent() -> None:
    parent, child = task(1, deleted_at=NOW), task(2, deleted_at=NOW)

    with pytest.raises(Conflict, match="PLAT-1") as refused:
        trash.restore([child], parent, stamp())

    assert (refused.value.code, refused.value.data) == ("parent_deleted", {"parent": "PLAT-1"})
    assert trash.restore([child], attrs.evolve(parent, deleted_at=None), stamp())[0][0].deleted_at is None


def test_the_trash_keeps_a_task_for_thirty_days() -> None:
    gone = task(deleted_at=NOW, deleted_by=BOB.id)
    last = NOW + timedelta(days=TRASH_DAYS)

    assert trash.restore([gone], None, stamp(last))[0][0].deleted_by is None
    with pytest.raises(Conflict) as refused:
        trash.restore([gone], None, stamp(last + timedelta(microseconds=1)))
    assert refused.value.code == "trash_expired"


def test_only_what_is_in_the_trash_ends_for_good() -> None:
    gone = [task(1, deleted_at=NOW), task(2)]

    assert [(event.kind, event.task_id) for event in trash.purge(gone, stamp())] == [
        ("task.purged", each.id) for each in gone
    ]
    with pytest.raises(Conflict) as refused:
        trash.purge([task()], stamp())
    assert refused.value.code == "not_deleted"
