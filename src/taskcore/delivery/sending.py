"""
Posting what is due to webhooks: claimed for a while, posted with no unit of work open, and noted.

A claim ends by itself, so that what a process had in hand when it died is posted by the next. An endpoint that is
slow takes a few slots of its own (`slots.py`): the others' deliveries go past.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import attrs

from taskcore.core import TaskCore
from taskcore.delivery.alarm import Alarm
from taskcore.delivery.attempts import (
    LEASE,
    answered,
    attempted,
    claimed,
    dropped,
    excerpt,
    is_due,
    overtaken,
    postponed,
)
from taskcore.delivery.letters import account as letters
from taskcore.delivery.mailing import mail_job
from taskcore.delivery.model import Delivery, LoggedAttempt, Webhook
from taskcore.delivery.signing import headers_of, secrets_of
from taskcore.delivery.slots import SLOTS, Limits, Names, Slots
from taskcore.delivery.telling import webhook_disabled
from taskcore.errors import Unavailable
from taskcore.identity.model import User
from taskcore.jobs.model import Job
from taskcore.ports import Unit
from taskcore.teams.model import Membership, Team
from taskcore.values import EventId, Role

log = logging.getLogger(__name__)

CONTENDED_SECONDS = 0.02
"""How soon to ask again where another sender is claiming."""
UNIT_SECONDS = 10.0
LOOKED_AT = 4 * SLOTS
"""Due deliveries that are looked at in one read."""
KEPT = timedelta(days=30)
"""How long it can be read what became of a delivery."""
SWEEP_SECONDS = 3600.0
SWEPT_AT_ONCE = 200


@attrs.frozen
class Taken:
    """A delivery that is ours to post, where to, and the slots that it holds meanwhile."""

    delivery: Delivery
    webhook: Webhook
    slots: Names


class Sender:
    """The loop. `chance` gives numbers in [0, 1), by which waits are spread."""

    def __init__(
        self,
        core: TaskCore,
        *,
        limits: Limits = Limits(),  # noqa: B008  frozen
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outside = core._outside  # noqa: SLF001  it acts for nobody, and so has no use case
        self._chance = chance
        self.alarm = Alarm()
        self._busy = Slots(limits)

    def wake(self) -> None:
        """There may be something due."""
        self.alarm.ring()

    async def run(self) -> None:
        """Until it is cancelled; what is in hand then is posted again, by whoever runs after its lease."""
        swept = time.monotonic()
        async with asyncio.TaskGroup() as posting:
            while True:
                for taken in await self._claim_or_wait():
                    posting.create_task(self._in_slot(taken))
                if time.monotonic() - swept >= SWEEP_SECONDS:
                    swept = time.monotonic()
                    posting.create_task(self._sweep_or_wait())
                await self.alarm.sleep()

    async def step(self) -> int:
        """Post what is due at this moment; how many were."""
        taken = await self._claim()
        await asyncio.gather(*map(self._in_slot, taken))
        return len(taken)

    async def sweep(self) -> int:
        """Forget what was settled long ago; how many were."""
        before, count = self._outside.clock() - KEPT, 0

        async def work(unit: Unit) -> int:
            await unit.save([], removed=old)
            return len(old)

        while True:
            eldest = await self._outside.store.rows().find(Delivery, limit=SWEPT_AT_ONCE)
            old = [each for each in eldest if each.created_at < before and each.next_attempt_at is None]
            if old:
                count += await self._outside.store.transact(work)
            if len(old) < SWEPT_AT_ONCE:
                return count

    async def _sweep_or_wait(self) -> None:
        try:
            await self.sweep()
        except Exception:
            log.exception("old deliveries could not be forgotten")

    async def _claim_or_wait(self) -> Sequence[Taken]:
        try:
            return await self._claim()
        except (Unavailable, TimeoutError) as error:
            log.warning("no delivery can be read: %s", error)
        except Exception:
            log.exception("no delivery could be claimed")
        return []

    async def _claim(self) -> Sequence[Taken]:
        """Take what is due, as far as there are slots for it; their slots are taken with it."""
        wanted = await self._due()
        if not wanted:
            return []
        now, ids = self._outside.clock(), tuple(each.id for each in wanted)

        async def work(unit: Unit) -> Sequence[tuple[Delivery, Webhook]]:
            if not await unit.hold("webhook deliveries"):
                asyncio.get_running_loop().call_later(CONTENDED_SECONDS, self.alarm.ring)
                return []
            due = [each for each in await unit.find(Delivery, id=ids) if is_due(each, now)]
            hooks = await unit.find(Webhook, id=tuple({each.webhook_id for each in due}), active=True)
            found = await unit.find(Team, id=tuple({each.team_id for each in due}))
            active, teams = {each.id: each for each in hooks}, {each.id: each for each in found}
            judged = [
                _judged(each, active.get(each.webhook_id), teams.get(each.team_id), now) for each in due
            ]
            if judged:
                await unit.save(judged)
                self.alarm.ring()  # there may be more
            return [(each, active[each.webhook_id]) for each in judged if each.next_attempt_at == now + LEASE]

        async with asyncio.timeout(UNIT_SECONDS):
            taken = await self._outside.store.transact(work)
        return [Taken(delivery, webhook, self._busy.use(webhook)) for delivery, webhook in taken]

    async def _due(self) -> Sequence[Delivery]:
        """What is due and has a slot. A long backlog hides what is due later, so where there is one it looks again:
        for other teams, and then past webhooks that have no slot left."""
        rows, now, room = self._outside.store.rows(), self._outside.clock(), self._busy.copy()
        if room.full:
            return []
        found = await rows.find(Delivery, due=now, limit=LOOKED_AT)
        if len(found) < LOOKED_AT:
            ids = tuple({each.webhook_id for each in found})
            return room.share(
                found, {each.id: each for each in await rows.find(Webhook, id=ids)} if ids else {}
            )
        hooks, teams = {each.id: each for each in await rows.find(Webhook)}, {each.team_id for each in found}
        others = tuple(each.id for each in hooks.values() if each.team_id not in teams)
        found += await rows.find(Delivery, due=now, limit=LOOKED_AT, webhook_id=others)
        fitting = room.share(found, hooks)
        known = {each.id for each in fitting}
        roomy = tuple(each.id for each in hooks.values() if room.has_room(each))
        more = await rows.find(Delivery, due=now, limit=LOOKED_AT, webhook_id=roomy)
        return fitting + room.share([each for each in more if each.id not in known], hooks)

    async def _in_slot(self, taken: Taken) -> None:
        delivery = taken.delivery
        try:
            await self._post(delivery, taken.webhook)
        except Unavailable as error:
            log.warning("what became of %s could not be noted: %s", delivery.message_id, error)
        except Exception:
            log.exception("what became of %s could not be noted", delivery.message_id)
        finally:
            self._busy.free(taken.slots)
            self.alarm.ring()

    async def _post(self, delivery: Delivery, webhook: Webhook) -> None:
        at, began = self._outside.clock(), time.monotonic()
        key = await self._outside.store.secret()
        headers = headers_of(delivery, secrets_of(key, webhook, at), at)
        status, error, said, retry_after = None, None, "", None
        try:
            reply = await self._outside.poster().post(webhook.url, headers, delivery.body.encode())
            status, said, retry_after = reply.status, excerpt(reply.excerpt), reply.retry_after_seconds
        except Unavailable as unreachable:
            error = excerpt(unreachable.message)
        except Exception as failure:
            log.exception("posting %s failed", delivery.message_id)
            error = type(failure).__name__
        took = round((time.monotonic() - began) * 1000)
        attempt = LoggedAttempt(at, status, error, took, said, headers)
        await self._note(delivery, webhook, attempt, retry_after)

    async def _note(
        self, delivery: Delivery, called: Webhook, attempt: LoggedAttempt, retry_after_seconds: float | None
    ) -> None:
        """What came of an attempt: it counts if its lease is still the delivery's. What was answered at a URL says
        nothing about a webhook that has another one by now."""
        now, chance = self._outside.clock(), self._chance()

        async def work(unit: Unit) -> None:
            found = await unit.find(Delivery, team_id=delivery.team_id, id=delivery.id)
            if not found:
                return
            if found[0].next_attempt_at != delivery.next_attempt_at:
                await unit.save([overtaken(found[0], attempt)])
                return
            noted = attempted(found[0], attempt, now, chance=chance, retry_after_seconds=retry_after_seconds)
            hooks = await unit.find(Webhook, team_id=delivery.team_id, id=delivery.webhook_id, url=called.url)
            changed = [new for old in hooks if (new := answered(old, attempt, now)) != old]
            disabled = [each for each in changed if each.disabled_at == now]
            events = [webhook_disabled(each, EventId(self._outside.ids()), now) for each in disabled]
            told = [letter for each in disabled for letter in await self._letters(unit, each, now)]
            await unit.save([noted, *changed, *told], events=events)

        await self._outside.store.transact(work)

    async def _letters(self, unit: Unit, webhook: Webhook, now: datetime) -> list[Job]:
        """To the owners of its team, that it is switched off."""
        owners = await unit.find(Membership, team_id=webhook.team_id, role=Role.OWNER)
        people = await unit.find(User, id=tuple(each.user_id for each in owners))
        return [
            mail_job(
                self._outside.ids(),
                now,
                letters.webhook_disabled(person.email, team.name, webhook),
                user_id=person.id,
                team_id=team.id,
            )
            for team in await unit.find(Team, id=webhook.team_id)
            for person in people
            if person.active
        ]


def _judged(delivery: Delivery, webhook: Webhook | None, team: Team | None, now: datetime) -> Delivery:
    """What becomes of a delivery that is due: it is claimed if its webhook, which is None where it is switched off,
    and its team may go on."""
    if team is None or team.deleted_at is not None:
        return dropped(delivery, now, why="the team is deleted")
    if webhook is None:
        return dropped(delivery, now)
    return claimed(delivery, now) if team.suspended_at is None else postponed(delivery, now)
