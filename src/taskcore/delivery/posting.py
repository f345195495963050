"""Delivering mail: what the jobs of kind `mail.send` do, and what follows where an address takes nothing any more."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from taskcore.caller import Outside
from taskcore.delivery.letters.subscribing import with_way_out
from taskcore.delivery.mailing import message_of
from taskcore.delivery.muting import bounced
from taskcore.delivery.ports import Message, Undeliverable
from taskcore.delivery.preferences import NotificationPreferences
from taskcore.errors import Invalid
from taskcore.identity.model import User
from taskcore.jobs.model import Job
from taskcore.jobs.ports import GiveUp, Run


async def send(run: Run) -> Any:
    """Deliver the mail of a job, unless it is not wanted any more. Raises: Unavailable, GiveUp."""
    outside, key = run.outside, await run.outside.store.secret()
    message = message_of(run.job, key)
    why = "it is for nobody" if message is None else await _objection(run.job, message.to, outside)
    if message is None or why is not None:
        return {"sent": False, "why": why}
    reason = run.job.payload.get("unsubscribe")
    if reason is not None and run.job.user_id is not None:
        message = with_way_out(message, key, outside.public_url, run.job.user_id, reason)
    return await hand_over(run, message)


async def hand_over(run: Run, message: Message) -> Any:
    """
    Deliver a mail in a job's name; gives what the job's result is to be.

    Where its address is dead, nothing more is mailed to whom it was for, who is told so where they sign in.
    Raises: Unavailable, to be tried again; GiveUp, where that is of no use.
    """
    outside = run.outside
    try:
        await outside.mail.deliver(message)
    except Undeliverable as refused:
        if not refused.bounced:
            raise GiveUp(str(refused)) from refused
        now, reason = outside.clock(), str(refused)
        await run.finish(partial(_bounced, message.to, reason, now, outside))
        return None
    except Invalid as refused:
        raise GiveUp(str(refused)) from refused
    return {"sent": True}


async def _objection(job: Job, to: str, outside: Outside) -> str | None:
    """Why a mail does not go out, though its time has come."""
    until = job.payload.get("until")
    if until is not None and outside.clock() >= datetime.fromisoformat(until):
        return "what it says has expired"
    if job.payload.get("account"):
        return None
    rows = outside.store.rows()
    for user in await rows.find(User, email=to):
        if not user.active:
            return "the account is closed"
        for preferences in await rows.find(NotificationPreferences, user_id=user.id):
            if preferences.mail_disabled_at is not None:
                return "the address takes no mail"
    return None


async def _bounced(to: str, reason: str, now: datetime, outside: Outside, unit: Any) -> dict[str, Any]:
    await unit.save(await bounced(unit, to, reason, now, outside.ids))
    return {"sent": False, "why": reason}
