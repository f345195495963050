"""What takes a change back, from its event."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from taskcore import blocking
from taskcore.errors import Conflict
from taskcore.tasks.model import PLANNING
from taskcore.tasks.undo import Reversal, of_trash, reversal


@pytest.fixture
def me() -> Any:
    with blocking.open("memory://", hasher="scrypt://?n=2") as core:
        ada = core.users.register("ada@example.org", name="Ada", password="correct horse battery")
        acting = core.acting_as(ada.id)
        acting.teams.create("Platform", key="PLAT")
        acting.labels.create("PLAT", "bug")
        acting.tasks.create("PLAT", "One")
        acting.tasks.create("PLAT", "Two")
        yield acting


def back(me: Any, task: str = "PLAT-1") -> Reversal:
    return reversal(me.tasks.get(task), me.events.activity(task).items[0])


def test_fields_go_back_to_what_they_were(me: Any) -> None:
    before = me.tasks.get("PLAT-1")
    me.tasks.edit(
        "PLAT-1", title="x", priority="high", labels=["bug"], assignee_id=me.user_id, due_on=date(2026, 12, 1)
    )
    wanted = back(me)
    me.tasks.edit("PLAT-1", **wanted.fields)
    after = me.tasks.get("PLAT-1")

    assert wanted.verb == "edit"
    assert (after.title, after.priority, after.labels, after.assignee_id, after.due_on, after.due_at) == (
        before.title, before.priority, (), None, None, None,
    )  # fmt: skip


def test_what_a_plan_asks_for_goes_back_to_what_it_was(me: Any) -> None:
    noon = datetime(2026, 12, 1, 12, tzinfo=UTC)
    before = me.tasks.edit(
        "PLAT-1",
        candidates=[me.user_id],
        required_skills=["sql"],
        constraints=[{"rule": "start_by", "at": noon}, {"rule": "as_late_as_possible"}],
        estimate_kind="elapsed",
    )
    me.tasks.edit("PLAT-1", candidates=None, required_skills=None, constraints=None, estimate_kind=None)
    after = me.tasks.edit("PLAT-1", **back(me).fields)

    assert [getattr(after, name) for name in PLANNING] == [getattr(before, name) for name in PLANNING]


def test_a_day_goes_back_to_the_instant_that_was_meant_before(me: Any) -> None:
    instant = datetime(2026, 12, 1, 9, tzinfo=UTC)
    me.tasks.edit("PLAT-1", due_at=instant)
    me.tasks.edit("PLAT-1", due_on=date(2026, 12, 24))
    assert back(me).fields == {"due_at": instant}
    me.tasks.edit("PLAT-1", due_at=instant)
    assert back(me).fields == {"due_on": date(2026, 12, 24)}
    me.tasks.edit("PLAT-1", due_on=None)
    assert back(me).fields == {"due_at": instant}


def test_what_follows_from_the_status_is_left_to_it(me: Any) -> None:
    me.tasks.start("PLAT-1")
    assert back(me).fields == {"status": "open"}
    me.tasks.complete("PLAT-1")
    assert back(me).fields == {"status": "in_progress"}


def test_a_new_task_goes_into_the_trash_and_comes_out_of_it(me: Any) -> None:
    assert back(me) == Reversal("delete")
    me.tasks.delete("PLAT-1")
    assert of_trash(me.tasks.get("PLAT-1", deleted=True), me.user_id) == Reversal("restore")
    me.tasks.restore("PLAT-1")
    assert back(me) == Reversal("delete")


def test_a_task_that_somebody_else_put_in_the_trash_stays_there(me: Any) -> None:
    me.tasks.delete("PLAT-1")

    with pytest.raises(Conflict, match="somebody else"):
        of_trash(me.tasks.get("PLAT-1", deleted=True), me.teams.get("PLAT").id)


def test_a_field_that_was_changed_again_is_not_overwritten(me: Any) -> None:
    me.tasks.edit("PLAT-1", title="x")
    event = me.events.activity("PLAT-1").items[0]
    me.tasks.edit("PLAT-1", title="y")

    with pytest.raises(Conflict, match="title was changed again"):
        reversal(me.tasks.get("PLAT-1"), event)


def test_other_fields_may_have_changed_since(me: Any) -> None:
    me.tasks.edit("PLAT-1", title="x")
    event = me.events.activity("PLAT-1").items[0]
    me.tasks.edit("PLAT-1", priority="low")

    assert reversal(me.tasks.get("PLAT-1"), event).fields == {"title": "One"}


def test_a_new_task_that_was_changed_since_is_not_thrown_away(me: Any) -> None:
    event = me.events.activity("PLAT-1").items[0]
    me.tasks.edit("PLAT-1", title="x")

    with pytest.raises(Conflict, match="changed since"):
        reversal(me.tasks.get("PLAT-1"), event)


def test_a_dependency_goes_and_comes_back_as_it_was(me: Any) -> None:
    me.dependencies.link("PLAT-1", "PLAT-2", type="SS", lag_minutes=30, lag_unit="elapsed")
    assert (back(me).verb, back(me).subject) == ("unlink", "PLAT-2")
    me.dependencies.link("PLAT-1", "PLAT-2", lag_minutes=5)
    assert (back(me).verb, back(me).fields["type"], back(me).fields["lag_minutes"]) == ("link", "SS", 30)
    me.dependencies.unlink("PLAT-1", "PLAT-2")
    assert (back(me).verb, back(me).fields["lag_minutes"]) == ("link", 5)


def test_a_comment_is_taken_back_and_not_brought_back(me: Any) -> None:
    comment = me.comments.create("PLAT-1", "Hello")
    assert back(me) == Reversal("erase", subject=comment.id)
    me.comments.delete(comment.id)

    with pytest.raises(Conflict, match="comment"):
        back(me)


def test_who_follows_is_left_alone(me: Any) -> None:
    me.dependencies.list("PLAT-1")
    me.followers.add("PLAT-1", me.user_id)

    with pytest.raises(Conflict, match="follows"):
        back(me)
