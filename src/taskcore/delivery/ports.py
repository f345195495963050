"""What delivery needs from outside: where mail goes, where processes meet, who hears of events elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import attrs

from taskcore.events import Event

EVENTS = "events"
"""The topic on which a team's id says that its log has grown."""
JOBS = "jobs"
"""The topic on which it is said, in no more words, that there is something to be done in the background."""
PRESENCE = "presence"
"""Who looks at what, as `taskcore.live.presence` writes it."""
PEOPLE = "people"
"""The topic on which a user's id says that their account, a session or a token has changed."""


@attrs.frozen
class Attachment:
    """A file that goes with a mail."""

    filename: str
    content_type: str
    content: bytes = attrs.field(repr=False)


@attrs.frozen
class Message:
    """A mail to one person, and header fields beyond those that a mailer writes by itself."""

    to: str
    subject: str
    text: str
    headers: Mapping[str, str] = attrs.field(factory=dict)
    html: str | None = None
    """The same for who reads HTML; None, where there is the text alone."""
    attachments: tuple[Attachment, ...] = ()
    thread: str | None = None
    """A word that all mails about one thing share, by which they are shown together."""
    id: str = ""
    """A word by which it is known for the same mail when it is delivered twice; a new one, where there is none."""
    at: datetime | None = None
    """When it was written; None: when it is delivered."""


class Undeliverable(Exception):
    """A mail was refused, and would be refused again. `bounced` says that nothing reaches that address, whatever
    it is; else it is this mail, or its sender, that is not taken."""

    def __init__(self, reason: str, *, bounced: bool) -> None:
        super().__init__(reason)
        self.bounced = bounced


class Mailer(Protocol):
    """Where mail is handed over. Made by a factory `(url, *, blocking)` that is registered as an entry
    point in the group `taskcore.mailers` under the URL's scheme."""

    reaches_people: bool
    """Whether mail arrives at whom it is for; False where only the operator gets to see it."""

    async def deliver(self, message: Message) -> None:
        """
        Hand a mail over; returns once it was taken. Never called within a unit of work.

        Raises: Unavailable, where it was not for now, or nobody can tell; tried again it is the same mail, by its
        `id`. Undeliverable. Invalid, for a mail that would be another than it looks.
        """

    async def close(self) -> None:
        """Let go of connections."""


class Bus(Protocol):
    """Where processes tell each other what to look at. Never the truth: what it loses costs time only.

    Made by a factory `(url, *, blocking)`, registered in the group `taskcore.buses` under the URL's scheme.
    """

    def tell(self, topic: str, message: str) -> None:
        """Say it to all who listen, here (each of them once) and in other processes, and return at once. Raises
        nothing, whatever listeners do."""

    def hear(self, topic: str, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener`, on the event loop, with each message on `topic` from now on; gives what ends that."""

    async def close(self) -> None:
        """Say what is left to say, within a bounded time, and let go of connections."""


class Stream(Protocol):
    """A broker that keeps events for others. Made by a factory `(url, *, blocking)`, registered in the group
    `taskcore.streams` under the URL's scheme."""

    async def publish(self, events: Sequence[Event]) -> None:
        """Hand over events of one team, in their order; returns once the broker has confirmed each.

        Raises: Unavailable, where it did not in a bounded time. Some may be there all the same, and are again
        when they are published again: readers know them by team and `seq`.
        """

    async def close(self) -> None:
        """Let go of connections."""


@attrs.frozen
class Reply:
    """What an endpoint answered to what was posted to it."""

    status: int
    excerpt: str
    """The beginning of its body, as text."""
    retry_after_seconds: float | None = None
    headers: Mapping[str, str] = attrs.field(factory=dict)


class Poster(Protocol):
    """What posts to URLs that users gave. Made by a factory `(url, *, blocking)`, registered in the group
    `taskcore.posters`, which gives what makes one of the networks that are allowed though not public."""

    def objection(self, url: str) -> str | None:
        """Why nothing may be posted there, as far as the URL itself tells; None, if nothing speaks against it."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Post once, and follow nothing. Raises: Unavailable (`unreachable`), where no answer came, or where the
        URL leads to an address that is not public."""

    async def close(self) -> None:
        """Let go of connections."""
