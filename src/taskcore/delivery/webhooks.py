"""The use cases of webhooks: where a team's events are posted to, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, expect_version, repeatable
from taskcore.delivery import payloads
from taskcore.delivery.attempts import repeated
from taskcore.delivery.model import (
    Delivery,
    DeliveryStatus,
    DeliveryStatusWord,
    PayloadWord,
    Webhook,
    webhook_faults,
)
from taskcore.delivery.positions import LogPosition
from taskcore.delivery.signing import secret_of
from taskcore.delivery.telling import (
    webhook_changed,
    webhook_created,
    webhook_event,
    webhook_update_audited,
)
from taskcore.errors import Conflict, Fault, Malformed, refuse
from taskcore.events import Event, Stamp
from taskcore.fields import sound
from taskcore.identity.model import AuditEntry
from taskcore.paging import Page, entity_page, slice_page
from taskcore.ports import EventSearch, Unit
from taskcore.teams.model import Project, Team
from taskcore.values import DeliveryId, ProjectId, TeamId, WebhookId

MOST_IN_A_TEAM = 50
MOST_RESUMED = 1_000
"""Events from before a webhook was switched off that are queued when it is switched on: what no relay had come to."""
OFF_KINDS = ("webhook.updated", "webhook.disabled")


class WebhookDetails(TypedDict, total=False):
    """What a caller may say of a webhook besides its URL."""

    kinds: Sequence[str]
    project_id: ProjectId | None
    payload: PayloadWord
    description: str


class WebhookFields(WebhookDetails, total=False):
    """What a caller may change of a webhook."""

    url: str
    active: bool


class Webhooks(UseCases):
    """`me.webhooks`."""

    @repeatable
    async def create(
        self,
        team: UUID | str,
        url: str,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[WebhookDetails],
    ) -> tuple[Webhook, str]:
        """
        Have a team's events posted to a URL, from now on; gives the webhook, and what it signs with, this once.

        `kinds` are kinds of events, or all of a noun (`task.*`); none are all.

        Raises: NotFound; Forbidden; Invalid, also for a URL that leads where no webhook may go; Conflict
        `quota_exceeded`.
        """
        return await self._with_secret(await self._create(team, url, **fields))

    @command
    async def _create(
        self, unit: Unit, team: UUID | str, url: str, **fields: Unpack[WebhookDetails]
    ) -> Webhook:
        home, _ = await self._allowed(unit, Team, team, "team.read", "webhook.create")
        stamp = self._caller.stamp()
        blank = Webhook(WebhookId(stamp.new_id()), home.id, url, self._caller.user_id, stamp.now, stamp.now)
        webhook = attrs.evolve(blank, **_given(sound(WebhookDetails, fields)))
        refuse(await self._faults(unit, webhook))
        await unit.lock(home.id)
        if len(await unit.find(Webhook, team_id=home.id)) >= MOST_IN_A_TEAM:
            message = f"a team has at most {MOST_IN_A_TEAM} webhooks: delete one first"
            raise Conflict(message, code="quota_exceeded")
        position = LogPosition(home.id, webhook.consumer, await _head(unit, home.id))
        saved: list[Any] = await unit.save(
            [webhook, position, _audit("webhook.create", webhook, stamp)],
            events=[webhook_created(webhook, stamp)],
        )
        return saved[0]  # type: ignore[no-any-return]

    async def list(self, team: UUID | str, *, limit: object = 50, cursor: str | None = None) -> Page[Webhook]:
        """A team's webhooks, the eldest first; none shows its secret again."""
        home, _ = await self._allowed(self._rows, Team, team, "team.read", "webhook.list")
        found = await self._rows.find(Webhook, team_id=home.id)
        return await slice_page(self._caller, found, limit, cursor, ["webhooks", home.id])

    async def get(self, webhook: UUID | str) -> Webhook:
        """Read one webhook."""
        found, _ = await self._allowed(self._rows, Webhook, webhook, "webhook.list")
        return found

    @command
    async def edit(
        self,
        unit: Unit,
        webhook: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[WebhookFields],
    ) -> Webhook:
        """
        Change a webhook; `active` switches it off and on.

        What happens while it is off is not queued: on again, it goes on with what happens then, and with what it was
        still to be told of before. Raises: as `create`.
        """
        current, _ = await self._allowed(unit, Webhook, webhook, "team.read", "webhook.update")
        stamp = self._caller.stamp()
        changed = attrs.evolve(current, **_given(sound(WebhookFields, fields)))
        refuse(await self._faults(unit, changed, current))
        expect_version(current, if_version)
        if changed == current:
            return current
        if changed.url != current.url:
            changed = attrs.evolve(changed, failing_since=None)
        if changed.active != current.active:
            since = None if changed.active else stamp.now
            changed = attrs.evolve(changed, disabled_at=since, disabled_reason=None, failing_since=None)
        changed = attrs.evolve(changed, version=current.version + 1, updated_at=stamp.now)
        moved = await self._resumed(unit, current, stamp) if changed.active and not current.active else []
        entry = webhook_update_audited(current, changed, stamp)
        event = webhook_changed(current, changed, stamp)
        saved: list[Any] = await unit.save([changed, *moved, entry], events=[event])
        return saved[0]  # type: ignore[no-any-return]

    @command
    async def delete(
        self,
        unit: Unit,
        webhook: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """End a webhook: with it goes what it was to post, and what became of what it did."""
        current, _ = await self._allowed(unit, Webhook, webhook, "team.read", "webhook.delete")
        expect_version(current, if_version)
        stamp = self._caller.stamp()
        positions = await unit.find(LogPosition, team_id=current.team_id, consumer=current.consumer)
        await unit.save(
            [_audit("webhook.delete", current, stamp)],
            removed=[current, *positions],
            events=[webhook_event("webhook.deleted", current, stamp)],
        )

    @command
    async def test(
        self,
        unit: Unit,
        webhook: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Delivery:
        """Post something that tells of no event, at once. Raises: Conflict, if it is not active."""
        current, _ = await self._allowed(unit, Webhook, webhook, "team.read", "webhook.replay")
        expect_version(current, if_version)
        _refuse_inactive(current)
        stamp = self._caller.stamp()
        saved: list[Delivery] = await unit.save(
            [payloads.of_test(current, DeliveryId(stamp.new_id()), stamp.now)]
        )
        return saved[0]

    @repeatable
    async def rotate_secret(
        self, webhook: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> tuple[Webhook, str]:
        """Have it sign with another secret, given this once; for a day it signs with the one before, too."""
        return await self._with_secret(await self._rotate(webhook, if_version))

    @command
    async def _rotate(self, unit: Unit, webhook: UUID | str, if_version: int | None) -> Webhook:
        current, _ = await self._allowed(unit, Webhook, webhook, "team.read", "webhook.rotate_secret")
        expect_version(current, if_version)
        stamp = self._caller.stamp()
        changed = attrs.evolve(
            current,
            secret_generation=current.secret_generation + 1,
            rotated_at=stamp.now,
            updated_at=stamp.now,
            version=current.version + 1,
        )
        saved: list[Any] = await unit.save(
            [changed, _audit("webhook.rotate_secret", changed, stamp)],
            events=[webhook_changed(current, changed, stamp)],
        )
        return saved[0]  # type: ignore[no-any-return]

    async def deliveries(
        self,
        webhook: UUID | str,
        *,
        status: DeliveryStatusWord | None = None,
        limit: object = 50,
        cursor: str | None = None,
    ) -> Page[Delivery]:
        """What was posted, and is to be, the newest first."""
        about, _ = await self._allowed(self._rows, Webhook, webhook, "team.read", "webhook.read_deliveries")
        where: dict[str, Any] = {} if status is None else {"status": _status(status)}
        return await entity_page(
            self._caller,
            Delivery,
            limit,
            cursor,
            newest_first=True,
            team_id=about.team_id,
            webhook_id=about.id,
            **where,
        )

    @command
    async def redeliver(
        self,
        unit: Unit,
        delivery: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Delivery:
        """Post something again, at once: with the same id, to the same byte. What comes of an attempt that is under
        way is logged, too, and does not count. Raises: as `test`."""
        current, _ = await self._allowed(unit, Delivery, delivery, "team.read", "webhook.replay")
        expect_version(current, if_version)
        for webhook in await unit.find(Webhook, team_id=current.team_id, id=current.webhook_id):
            _refuse_inactive(webhook)
        saved: list[Delivery] = await unit.save([repeated(current, self._caller.clock())])
        return saved[0]

    async def _resumed(self, unit: Unit, webhook: Webhook, stamp: Stamp) -> Sequence[Delivery | LogPosition]:
        """Where it reads the team's log, moved to its end, past what happened while it was off; what it was to be
        told before is queued."""
        head = await _head(unit, webhook.team_id)
        for at in await unit.find(LogPosition, team_id=webhook.team_id, consumer=webhook.consumer):
            left = await _until_off(unit, webhook, at.seq)
            queued = [
                payloads.of_event(webhook, each, DeliveryId(stamp.new_id()), stamp.now) for each in left
            ]
            return [*queued, attrs.evolve(at, seq=head, version=at.version + 1)]
        return []

    async def _with_secret(self, webhook: Webhook) -> tuple[Webhook, str]:
        """Outside of the command, so that no answer that is kept for a repetition has it."""
        key = await self._caller.store.secret()
        return webhook, secret_of(key, webhook.id, webhook.secret_generation)

    async def _faults(self, unit: Unit, webhook: Webhook, before: Webhook | None = None) -> Sequence[Fault]:
        faults = webhook_faults(webhook)
        objection = None if faults else self._caller.outside.poster().objection(webhook.url)
        if objection is not None:
            faults.append(Fault("url", objection))
        wanted = webhook.project_id
        if before is not None and before.project_id == wanted:  # it may be gone by now
            return faults
        if wanted is not None and not await unit.find(Project, team_id=webhook.team_id, id=wanted):
            faults.append(Fault("project_id", f"no such project in the team: {wanted}"))
        return faults


def _given(fields: WebhookDetails | WebhookFields) -> dict[str, Any]:
    given: dict[str, Any] = dict(fields)
    if "kinds" in given:
        given["kinds"] = tuple(dict.fromkeys(given["kinds"]))
    return given


def _status(word: str) -> DeliveryStatus:
    if word not in list(DeliveryStatus):
        raise Malformed(
            faults=[Fault("status", f"must be one of {', '.join(DeliveryStatus)}, not {word!r:.80}")]
        )
    return DeliveryStatus(word)


def _refuse_inactive(webhook: Webhook) -> None:
    if not webhook.active:
        raise Conflict("the webhook is not active: switch it on first")


async def _head(unit: Unit, team_id: TeamId) -> int:
    """The seq of the last event of a team."""
    events = await unit.events(EventSearch(team_id, newest_first=True, limit=1))
    return events[0].seq if events else 0


async def _until_off(unit: Unit, webhook: Webhook, after: int) -> Sequence[Event]:
    """What a webhook that is off was still to be told of when it was switched off, as it asked for then; at most
    `MOST_RESUMED`."""
    search = EventSearch(webhook.team_id, after=after, kinds=OFF_KINDS, limit=MOST_RESUMED)
    switches = [each for each in await unit.events(search) if _switches_off(each, webhook)]
    if not switches:
        return []
    wanted = attrs.evolve(search, kinds=webhook.kinds, project_id=webhook.project_id)
    return [each for each in await unit.events(wanted) if each.seq < switches[0].seq]


def _switches_off(event: Event, webhook: Webhook) -> bool:
    return event.subject_id == webhook.id and event.data.get("active", {}).get("to") is False


def _audit(action: str, webhook: Webhook, stamp: Stamp) -> AuditEntry:
    return stamp.audit(action, "webhook", webhook.id, team_id=webhook.team_id, data={"host": webhook.host})
