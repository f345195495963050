"""`core.mail`: what comes back from those who were written to. Nobody signs in for it; each says what it goes by."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from taskcore.caller import Outside
from taskcore.delivery.bounces import Failed, failures_in
from taskcore.delivery.inbox import Channel, Reason
from taskcore.delivery.letters.subscribing import DIGEST, REPORT, read_way_out
from taskcore.delivery.mailing import MAIL
from taskcore.delivery.muting import bounced
from taskcore.delivery.preferences import NotificationPreferences
from taskcore.errors import NotFound
from taskcore.identity.model import folded_email
from taskcore.jobs.model import Job
from taskcore.ports import Entity, Unit
from taskcore.values import JobId, UserId


@attrs.frozen(slots=True)
class Bounce:
    """One recipient of whom a mail came back."""

    email: str
    status: str
    """As RFC 3463 has it, such as 5.1.1."""
    disabled: bool
    """Whether nothing is mailed there any more, from now on or since before."""
    detail: str


class Mail:
    """Ending one kind of mail by the link in it, and what mail servers send back."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    async def subscription(self, token: str) -> str:
        """What the link in a mail would end: a reason of notices, `digest` or `report`. Raises: NotFound."""
        return (await self._read(token))[1]

    async def unsubscribe(self, token: str) -> str:
        """
        Send no more mail of the kind that a link in a mail is for; what it was of. Done twice it is done.

        Notices of that reason come to the inbox alone. Raises: NotFound, for a link that is none.
        """
        user_id, reason = await self._read(token)

        async def work(unit: Unit) -> None:
            found = await unit.find(NotificationPreferences, user_id=user_id)
            changed = [new for old in found if (new := without(old, reason)) != old]
            await unit.save([attrs.evolve(each, version=each.version + 1) for each in changed])

        await self._outside.store.transact(work)
        return reason

    async def bounce(self, content: bytes) -> Sequence[Bounce]:
        """
        Take in what a mail server sent back of a mail of ours (RFC 3464): for the operator, who has it piped here.

        An address that is dead gets no more mail, and its owner is told so in the inbox. It counts only with the
        Message-ID of a mail that went to that address, which nobody else knows, in the days for which jobs are kept:
        else anybody could end another's mail.
        Raises: NotFound, where it tells of no failure of a mail of ours.
        """
        told = [await self._bounced(each) for each in failures_in(content) if await self._is_ours(each)]
        if not told:
            raise NotFound("this tells of no failure of a mail that went out from here")
        return told

    async def _read(self, token: str) -> tuple[UserId, str]:
        found = read_way_out(await self._outside.store.secret(), token)
        if found is None:
            raise NotFound("no such link: it is cut off, or for another service")
        return found

    async def _is_ours(self, failed: Failed) -> bool:
        """Whether that mail went to that address."""
        if failed.job_id is None:
            return False
        jobs = await self._outside.store.rows().find(Job, id=JobId(failed.job_id))
        to = [folded_email(each.payload["to"]) for each in jobs if each.kind == MAIL]
        return to == [folded_email(failed.email)]

    async def _bounced(self, failed: Failed) -> Bounce:
        now, new_id = self._outside.clock(), self._outside.ids

        async def work(unit: Unit) -> list[Entity]:
            saved = await bounced(unit, failed.email, failed.detail, now, new_id)
            await unit.save(saved)
            return saved

        if failed.is_permanent:
            await self._outside.store.transact(work)
        return Bounce(failed.email, failed.status, failed.is_permanent, failed.detail)


def without(preferences: NotificationPreferences, reason: str) -> NotificationPreferences:
    """As they are with no mail for a reason; as they were, where none came or that is nothing of theirs."""
    if reason == DIGEST:
        return attrs.evolve(preferences, digest_at=None, next_digest_at=None)
    if reason == REPORT:
        return attrs.evolve(preferences, weekly_report=False)
    if reason in [*Reason] and preferences.channels[Reason(reason)] is Channel.MAIL:
        return attrs.evolve(preferences, channels={**preferences.channels, Reason(reason): Channel.INBOX})
    return preferences
