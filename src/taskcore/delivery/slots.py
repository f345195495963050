"""How many requests may be under way at a time, and whose: so that whoever is slow waits for nobody but themselves.

Slots are shared evenly (max-min fairness): each goes to the team that has the fewest, so that a team has more than
others only while these have nothing due. What is slow cannot be taken back, so the last slots are kept for teams
that have none.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Iterable, Mapping

import attrs

from taskcore.delivery.model import Delivery, Webhook
from taskcore.values import TeamId, WebhookId

SLOTS = 32
Names = tuple[Hashable, ...]


@attrs.frozen
class Limits:
    """Of one process. An endpoint that hangs fails after the first time that it did, and from then on it shares half
    of all slots with whatever else does: the other half is there for those that answer."""

    whole: int = SLOTS
    kept: int = SLOTS // 4
    """Of the whole: for teams that have no request under way."""
    of_a_team: int = SLOTS // 2
    of_a_webhook: int = 4
    of_failing: int = SLOTS // 2


class Slots:
    """Those in use: of all together, of each team and webhook, and of webhooks that fail."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._used: Counter[Hashable] = Counter()

    def copy(self) -> Slots:
        other = Slots(self._limits)
        other._used = self._used.copy()
        return other

    @property
    def full(self) -> bool:
        return self._used["whole"] >= self._limits.whole

    def has_room(self, webhook: Webhook) -> bool:
        return all(self._used[name] < most for name, most in self._of(webhook).items())

    def take(self, webhook: Webhook) -> bool:
        """Whether there was one for it, which is used now."""
        fits = self.has_room(webhook)
        if fits:
            self.use(webhook)
        return fits

    def share(self, due: Iterable[Delivery], webhooks: Mapping[WebhookId, Webhook]) -> list[Delivery]:
        """Those of `due` for which there is a slot, which is used now: the next for the team with the fewest, and
        in it for what comes first."""
        waiting: dict[TeamId, deque[Delivery]] = {}
        for each in due:
            if each.webhook_id in webhooks:
                waiting.setdefault(each.team_id, deque()).append(each)
        fitting = []
        while waiting and not self.full:
            team_id = min(waiting, key=lambda each: self._used[each])
            delivery = waiting[team_id].popleft()
            if self.take(webhooks[delivery.webhook_id]):
                fitting.append(delivery)
            if not waiting[team_id]:
                del waiting[team_id]
        return fitting

    def use(self, webhook: Webhook) -> Names:
        """Use one for it, whether there is or not; gives what `free` takes."""
        names = tuple(self._of(webhook))
        self._used.update(names)
        return names

    def free(self, names: Names) -> None:
        self._used.subtract(names)
        self._used += Counter()  # without those at nothing

    def _of(self, webhook: Webhook) -> dict[Hashable, int]:
        """The slots that a request to it needs, and how many there are of each."""
        kept = self._limits.kept if self._used[webhook.team_id] else 0
        most: dict[Hashable, int] = {
            "whole": self._limits.whole - kept,
            webhook.team_id: self._limits.of_a_team,
            webhook.id: self._limits.of_a_webhook,
        }
        return most if webhook.failing_since is None else most | {"failing": self._limits.of_failing}
