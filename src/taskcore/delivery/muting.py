"""What follows where an address takes no mail: nothing more is sent there, and whose it is is told elsewhere."""

from __future__ import annotations

from datetime import datetime

import attrs

from taskcore.delivery.inbox import Notice, Reason
from taskcore.delivery.letters.sheet import one_line
from taskcore.delivery.notices import told
from taskcore.delivery.preferences import NotificationPreferences
from taskcore.identity.model import User, folded_email
from taskcore.ports import Entity, Unit
from taskcore.values import Ids

MOST_REASON = 300


async def bounced(unit: Unit, email: str, reason: str, now: datetime, new_id: Ids) -> list[Entity]:
    """What to save where mail to an address came back for good; nothing, where nobody has it, or it is known."""
    saved: list[Entity] = []
    for user in await unit.find(User, email=folded_email(email)):
        for preferences in await unit.find(NotificationPreferences, user_id=user.id, mail_disabled_at=None):
            said = one_line(reason, MOST_REASON)
            saved.append(
                attrs.evolve(
                    preferences,
                    mail_disabled_at=now,
                    mail_disabled_reason=said,
                    version=preferences.version + 1,
                )
            )
            notice = Notice(
                user.id,
                Reason.MAIL_DISABLED,
                f"mail_disabled {now.isoformat()}",
                f"Mail to {user.email} comes back, so none is sent: correct the address or have it repaired, then "
                "switch mail on again in your notification preferences (`mail_disabled: false`; taskcore notification "
                f"preferences --mail). The mail server said: {said}",
            )
            saved += await told(unit, [notice], now, new_id)
    return saved
