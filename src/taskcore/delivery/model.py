"""Webhooks and their deliveries: to whom a team's events are posted, and how far each has come."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import attrs

from taskcore.delivery.destinations import read
from taskcore.errors import Fault
from taskcore.values import (
    DeliveryId,
    EventId,
    ProjectId,
    TeamId,
    UserId,
    WebhookId,
    text_faults,
)

MOST_KINDS = 50
KIND = re.compile(r"[a-z_]{1,40}\.([a-z_]{1,40}|\*)")
TEST_KIND = "webhook.test"
"""Of a delivery that tells of no event."""


class Payload(StrEnum):
    """How much a delivery tells: the whole event, or only that it is there to be read."""

    FULL = "full"
    THIN = "thin"


class Disabled(StrEnum):
    """Why a webhook was switched off by what its receiver answered."""

    GONE = "gone"
    """It answered 410."""
    FAILING = "failing"
    """It took nothing for days."""


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Every attempt did, or the webhook was switched off before the next."""


if TYPE_CHECKING:
    PayloadWord = Payload | Literal["full", "thin"]
    DeliveryStatusWord = DeliveryStatus | Literal["pending", "delivered", "failed"]
else:  # at run time each is its enum, which a word is turned into
    PayloadWord, DeliveryStatusWord = Payload, DeliveryStatus


@attrs.frozen(slots=True)
class Webhook:
    """
    Where a team's events are posted to.

    `kinds` are kinds of events, or all of one noun (`task.*`); none stands for all. With `project_id` only events
    of tasks in that project are told. What it signs with is derived from its id and `secret_generation`, and is
    kept nowhere.
    """

    id: WebhookId
    team_id: TeamId
    url: str
    created_by: UserId
    created_at: datetime
    updated_at: datetime
    kinds: tuple[str, ...] = ()
    project_id: ProjectId | None = None
    payload: Payload = Payload.FULL
    description: str = ""
    active: bool = True
    secret_generation: int = 1
    rotated_at: datetime | None = None
    failing_since: datetime | None = None
    """The first failure since anything was taken."""
    disabled_at: datetime | None = None
    disabled_reason: Disabled | None = None
    version: int = 1

    @property
    def host(self) -> str:
        """What is told of the URL where others read it: the rest may hold secrets."""
        return host_of(self.url)

    @property
    def consumer(self) -> str:
        """Its name among those who read the team's log."""
        return f"webhook:{self.id}"


@attrs.frozen(slots=True)
class LoggedAttempt:
    """One try to hand a delivery over: `status` is the answer's (None, where there was none, and `error` says why),
    `excerpt` the beginning of what it said, `headers` those of the request."""

    at: datetime
    status: int | None = None
    error: str | None = None
    duration_ms: int = 0
    excerpt: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(slots=True)
class Delivery:
    """
    One event on its way to one webhook.

    `body` is what is posted, to the byte, however often it is; `attempts` how often it was since it was last asked
    for, `log` what became of the last of them. A test has no event and the seq 0.
    """

    id: DeliveryId
    team_id: TeamId
    webhook_id: WebhookId
    kind: str
    body: str
    created_at: datetime
    seq: int = 0
    event_id: EventId | None = None
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: int = 0
    next_attempt_at: datetime | None = None
    """When it is due, or, while somebody posts it, when it is taken for abandoned; None once it is settled."""
    delivered_at: datetime | None = None
    log: tuple[LoggedAttempt, ...] = ()
    version: int = 1

    @property
    def message_id(self) -> str:
        """The `webhook-id` of every attempt: receivers tell a repetition by it."""
        return f"msg_{self.id}"


def host_of(url: str) -> str:
    """The host in a URL, with its port where one is given."""
    try:
        return read(url).authority
    except ValueError:  # of a version that took it
        return ""


def webhook_faults(webhook: Webhook) -> list[Fault]:
    """What is wrong with a webhook by itself; where it may lead, the network's guard says."""
    faults = url_faults(webhook.url)
    faults += text_faults("description", webhook.description, most=1_000)
    if len(webhook.kinds) > MOST_KINDS:
        faults.append(Fault("kinds", f"must be at most {MOST_KINDS}, not {len(webhook.kinds)}"))
    wrong = [kind for kind in webhook.kinds if not KIND.fullmatch(kind)]
    if wrong:
        faults.append(
            Fault("kinds", f"must be kinds of events such as task.created or task.*, not {wrong[0]!r:.80}")
        )
    return faults


def url_faults(url: str) -> list[Fault]:
    """Why a text is no URL that a webhook may have, wherever it leads."""
    try:
        read(url)
    except ValueError as error:
        return [Fault("url", str(error))]
    return []
