"""What the log keeps of a value, and of a change."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.events import difference, instant_text, plain
from taskcore.tasks.model import Lease
from taskcore.values import Priority, Status
from tests.unit.examples import ADA, NOW, task

ID = UUID(int=7)
instants = st.datetimes(timezones=st.just(UTC))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.uuids()
    | st.dates()
    | instants
    | st.sampled_from(Status),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.lists(inner).map(tuple),
)


@given(value=values)
def test_whatever_is_kept_is_json_and_stays_as_it_is(value: object) -> None:
    kept = plain(value)

    assert json.loads(json.dumps(kept)) == kept
    assert plain(kept) == kept


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Priority.URGENT, "urgent"),
        (ID, "00000000-0000-0000-0000-000000000007"),
        (date(2026, 12, 1), "2026-12-01"),
        (datetime(2026, 12, 1, tzinfo=UTC), "2026-12-01T00:00:00.000000Z"),
        (frozenset({"ui", "bug"}), ["bug", "ui"]),
        (("ui", "bug"), ["ui", "bug"]),
        ({ID: {Status.DONE}}, {str(ID): ["done"]}),
        (Lease(ADA.id, NOW), {"user_id": str(ADA.id), "until": instant_text(NOW)}),
    ],
)
def test_every_value_has_one_spelling(value: object, kept: Any) -> None:
    assert plain(value) == kept


def test_what_has_no_json_form_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        plain([object()])


@given(instant=instants)
def test_an_instant_is_read_back_to_the_microsecond(instant: datetime) -> None:
    assert datetime.fromisoformat(instant_text(instant)) == instant


def test_a_difference_names_the_fields_that_differ_and_no_other() -> None:
    before, after = task(1), task(1)
    ignored = frozenset({"id"})

    assert difference(before, after, ignored) == {}
    assert difference(before, task(1, title="Other", due_at=NOW), ignored) == {
        "title": {"from": "Task 1", "to": "Other"},
        "due_at": {"from": None, "to": instant_text(NOW)},
    }
