"""
Events as CloudEvents 1.0 in JSON's structured mode, for whoever hears of them outside: brokers and webhooks.

A CloudEvent wraps an event in attributes that brokers and their consumers know without knowing us; `data` is
the event as HTTP gives it. Source: CloudEvents 1.0.2, its JSON format, and its extensions "Partitioning"
(`partitionkey`), "Sequence" (`sequence`) and "Dataref" (`dataref`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from taskcore.codec import decoded
from taskcore.errors import Malformed
from taskcore.events import Event, plain
from taskcore.values import TeamId

MEDIA_TYPE = "application/cloudevents+json"
"""The content type of what `encoded` gives (charset UTF-8)."""
TYPE_PREFIX = "taskcore."
SEQUENCE_DIGITS = 20
"""So many digits hold every `seq`, and make the order of texts the order of numbers."""

MOST_BYTES = 1_000_000
"""What every broker takes as it comes: NATS and Kafka say a mebibyte, their own headers included."""


class Elsewhere(Malformed):
    """A CloudEvent of ours says only where its event is, in `dataref`."""

    def __init__(self, team_id: TeamId, seq: int) -> None:
        super().__init__("the CloudEvent says only where its event is, in `dataref`")
        self.team_id = team_id
        self.seq = seq


def cloud_event(event: Event) -> dict[str, Any]:
    """`event` as the JSON object of a CloudEvent."""
    data = plain(event)
    return {
        "specversion": "1.0",
        "id": data["id"],
        "source": f"/teams/{event.team_id}",
        "type": TYPE_PREFIX + event.kind,
        "subject": f"{event.subject_type}/{event.subject_id}",
        "time": data["at"],
        "datacontenttype": "application/json",
        "partitionkey": data["team_id"],
        "sequence": sequence(event.seq),
        "data": data,
    }


def sequence(seq: int) -> str:
    """A place in a team's log, as text of a fixed width."""
    return f"{seq:0{SEQUENCE_DIGITS}}"


def encoded(event: Event) -> bytes:
    """
    `event` as a CloudEvent in UTF-8, keys sorted: equal events are equal bytes, from whatever store and
    process, so that a repetition can be told by comparing. One of more than `MOST_BYTES` has no `data`, but
    `dataref`, where HTTP gives it.
    """
    whole = cloud_event(event)
    body = _bytes(whole)
    return body if len(body) <= MOST_BYTES else _bytes(_without_data(whole, event))


def _without_data(document: Mapping[str, Any], event: Event) -> dict[str, Any]:
    """A claim check: where the event is read, for a broker would refuse it and so all that comes after it."""
    kept = {name: value for name, value in document.items() if name not in ("data", "datacontenttype")}
    return {**kept, "dataref": f"/v1/teams/{event.team_id}/events?after={event.seq - 1}&limit=1"}


def _bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def event_of(body: bytes | str | Mapping[str, Any]) -> Event:
    """
    The event within a CloudEvent of ours, given as JSON or as the object already read.

    Raises: Elsewhere, for one of ours that says only where the event is; Malformed, for what is no CloudEvent
    1.0, or not one of ours.
    """
    document = body if isinstance(body, Mapping) else _json(body)
    if document.get("specversion") != "1.0":
        raise Malformed("not a CloudEvent of version 1.0")
    if "dataref" in document:
        raise _elsewhere(document)
    try:
        event: Event = decoded(document["data"], Event)
        agrees = cloud_event(event).items() <= document.items()
    except Exception as error:  # cattrs raises groups of whatever a constructor raises
        raise Malformed("the CloudEvent holds no event of taskcore") from error
    if not agrees:
        raise Malformed("the CloudEvent's attributes are not those of the event that it holds")
    return event


def _elsewhere(document: Mapping[str, Any]) -> Malformed:
    try:
        return Elsewhere(TeamId(UUID(document["partitionkey"])), int(document["sequence"]))
    except (KeyError, ValueError, TypeError, AttributeError):
        return Malformed("the CloudEvent holds no event of taskcore")


def _json(body: bytes | str) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise Malformed("the CloudEvent is not JSON") from error
    if not isinstance(document, Mapping):
        raise Malformed("the CloudEvent is not a JSON object")
    return document
