"""What delivery needs from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import attrs


@attrs.frozen
class Message:
    """A mail to one person: plain text, and header fields beyond To, Subject and Date."""

    to: str
    subject: str
    text: str
    headers: Mapping[str, str] = attrs.field(factory=dict)


class Mailer(Protocol):
    """Where mail is handed over. Made by a factory `(url, *, blocking)` that is registered as an entry
    point in the group `taskcore.mailers` under the URL's scheme."""

    reaches_people: bool
    """Whether mail arrives at whom it is for; False where only the operator gets to see it."""

    def send(self, message: Message) -> None:
        """Take a mail and return at once; it is delivered behind the caller's back, and tried again
        a few times. Never called within a unit of work. Raises nothing of the far side's."""

    async def close(self) -> None:
        """Deliver what is left, within a bounded time."""
