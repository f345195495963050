"""Events as CloudEvents, against the specification's own SDK and back."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import attrs
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from taskcore.delivery.cloudevents import (
    MEDIA_TYPE,
    MOST_BYTES,
    Elsewhere,
    cloud_event,
    encoded,
    event_of,
    sequence,
)
from taskcore.errors import Malformed
from taskcore.events import Event, plain
from taskcore.values import EventId, TaskId, TeamId, UserId

TEAM = TeamId(UUID(int=1))
EVENT = Event(
    id=EventId(UUID(int=7)),
    team_id=TEAM,
    kind="task.created",
    subject_type="task",
    subject_id=UUID(int=2),
    at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    actor_id=UserId(UUID(int=3)),
    task_id=TaskId(UUID(int=2)),
    data={"task": {"key": "PLAT-1", "title": "Grüße \U0001f600"}},
    seq=42,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
events = st.builds(
    Event,
    id=st.uuids(),
    team_id=st.uuids(),
    kind=st.from_regex(r"[a-z]{1,12}\.[a-z_]{1,12}", fullmatch=True),
    subject_type=st.sampled_from(["task", "team", "comment"]),
    subject_id=st.uuids(),
    at=st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  the zone is beside it
    actor_id=st.none() | st.uuids(),
    task_id=st.none() | st.uuids(),
    data=st.dictionaries(st.text(), json_values, max_size=3),
    seq=st.integers(1, 2**63 - 1),
)


def test_a_cloud_event_says_what_brokers_look_at_and_holds_the_event_as_http_gives_it() -> None:
    assert cloud_event(EVENT) == {
        "specversion": "1.0",
        "id": "00000000-0000-0000-0000-000000000007",
        "source": "/teams/00000000-0000-0000-0000-000000000001",
        "type": "taskcore.task.created",
        "subject": "task/00000000-0000-0000-0000-000000000002",
        "time": "2026-03-01T12:00:00.000000Z",
        "datacontenttype": "application/json",
        "partitionkey": "00000000-0000-0000-0000-000000000001",
        "sequence": "00000000000000000042",
        "data": plain(EVENT),
    }


@given(event=events)
def test_the_specifications_own_sdk_reads_it(event: Event) -> None:
    message = HTTPMessage(headers={"content-type": MEDIA_TYPE}, body=encoded(event))
    read = from_http_event(message, JSONFormat())

    assert read.get_id() == str(event.id)
    assert read.get_type() == f"taskcore.{event.kind}"
    assert read.get_time() == event.at
    assert read.get_extension("sequence") == sequence(event.seq)
    assert read.get_data() == plain(event)


@given(event=events)
def test_an_events_attributes_have_the_names_and_the_texts_that_the_specification_allows(
    event: Event,
) -> None:
    attributes = {name: value for name, value in cloud_event(event).items() if name != "data"}

    assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in attributes)
    assert all(isinstance(value, str) and value for value in attributes.values())


@given(event=events)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    assert event_of(encoded(event)) == event
    assert event_of(cloud_event(event)) == event


@given(event=events)
def test_equal_events_are_equal_bytes_whatever_order_a_store_gives_fields_in(event: Event) -> None:
    turned = attrs.evolve(event, data=dict(list(event.data.items())[::-1]))

    assert encoded(turned) == encoded(event)


def test_an_event_that_brokers_would_refuse_is_told_by_where_it_is() -> None:
    large = attrs.evolve(EVENT, data={"description": {"from": "\1" * 100_000, "to": "\2" * 100_000}})
    body = encoded(large)
    read = from_http_event(HTTPMessage(headers={"content-type": MEDIA_TYPE}, body=body), JSONFormat())

    assert len(_json(large)) > MOST_BYTES > len(body)
    assert read.get_data() is None
    assert read.get_extension("dataref") == f"/v1/teams/{TEAM}/events?after=41&limit=1"
    assert read.get_extension("sequence") == sequence(42)
    with pytest.raises(Elsewhere, match="dataref") as refused:
        event_of(body)
    assert (refused.value.team_id, refused.value.seq) == (large.team_id, 42)
    with pytest.raises(Malformed, match="no event of taskcore"):
        event_of({"specversion": "1.0", "dataref": "/elsewhere"})


def test_an_event_that_brokers_take_is_told_whole() -> None:
    room = MOST_BYTES - len(encoded(attrs.evolve(EVENT, data={"x": ""})))
    fits, not_quite = (attrs.evolve(EVENT, data={"x": "x" * each}) for each in (room, room + 1))

    assert len(encoded(fits)) == MOST_BYTES
    assert event_of(encoded(fits)) == fits
    assert b"dataref" in encoded(not_quite)


def _json(event: Event) -> str:
    return json.dumps(cloud_event(event))


@given(numbers=st.lists(st.integers(0, 10**20 - 1)))
def test_sequences_are_ordered_as_their_numbers(numbers: list[int]) -> None:
    assert sorted(map(sequence, numbers)) == list(map(sequence, sorted(numbers)))


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"},
        {"data": None},
        {"data": {}},
        {"data": {**plain(EVENT), "team_id": "x"}},
        {"sequence": "00000000000000000043"},
        {"source": "/teams/else"},
    ],
)
def test_what_is_not_ours_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        event_of(json.dumps({**cloud_event(EVENT), **change}))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", "7"])
def test_what_is_no_json_object_is_refused(body: bytes | str) -> None:
    with pytest.raises(Malformed):
        event_of(body)


def test_attributes_that_a_broker_added_on_the_way_are_no_matter() -> None:
    assert event_of({**cloud_event(EVENT), "traceparent": "00-1-2-01"}) == EVENT
