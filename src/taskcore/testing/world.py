"""A clock that a test turns, and a small instance to act in."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import attrs

from taskcore.caller import Signup
from taskcore.connect import open_blobs, open_typesetter
from taskcore.core import Acting, TaskCore
from taskcore.delivery.mailing import MAIL, message_of
from taskcore.delivery.ports import Bus, Message
from taskcore.identity.model import User
from taskcore.identity.ports import PasswordHasher
from taskcore.jobs.model import Job
from taskcore.live.local import LocalBus
from taskcore.live.waking import Waking
from taskcore.ports import Store
from taskcore.scheduling.leveling.ports import Solver
from taskcore.system import heuristic, uuid7_ids
from taskcore.teams.model import Team
from taskcore.testing.receiving import Receiver
from taskcore.values import JobId, Role

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_serial = count(1)


class FakeClock:
    """Tells the same instant until it is turned."""

    def __init__(self, now: datetime = datetime(2026, 11, 2, 9, 30, 0, 123456, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **units: float) -> None:
        """Turn it on, by the keyword arguments of `timedelta`."""
        self.now += timedelta(**units)


class QuickHasher:
    """A `PasswordHasher` for tests: right, and far too fast to be safe."""

    async def hash(self, password: str) -> str:
        return hashlib.sha256(password.encode("utf-8", "surrogatepass")).hexdigest()

    async def verify(self, password: str, hashed: str | None) -> bool:
        return await self.hash(password) == hashed

    def is_outdated(self, hashed: str) -> bool:
        return len(hashed) != 64


class Mailbox:
    """A `Mailer` that keeps what it is given. `reaches_people` can be set, as of an instance with mail."""

    def __init__(self) -> None:
        self.reaches_people = False
        self.sent: list[Message] = []
        """What was put on its way, by use cases that are committed; whoever runs jobs delivers it."""
        self.delivered: list[Message] = []
        self.refuses: Exception | None = None
        """What each delivery ends with instead."""
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        """What happens while a mail is being delivered."""

    async def deliver(self, message: Message) -> None:
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.refuses is not None:
            raise self.refuses
        self.delivered.append(message)

    def token(self, to: str) -> str:
        """The token in the last mail to somebody."""
        text = next(each.text for each in reversed(self.sent) if each.to == to)
        return next(line.strip() for line in text.splitlines() if line.startswith("    "))

    async def close(self) -> None:
        """Nothing to let go of."""


class _Posted(Waking):
    """A store that shows a mailbox every mail that is put on its way, once that is committed."""

    def __init__(self, store: Store, mailbox: Mailbox) -> None:
        super().__init__(store, LocalBus(), self)
        self._mailbox = mailbox
        self._key = b""

    in_service, feeds = False, False

    async def secret(self) -> bytes:
        """Asked for before anything is sealed with it."""
        self._key = await super().secret()
        return self._key

    def offer(self, jobs: Sequence[Job]) -> None:
        messages = (message_of(each, self._key) for each in jobs if each.kind == MAIL and each.version == 1)
        self._mailbox.sent += [each for each in messages if each is not None]

    async def take(self, most: int, within: float) -> Sequence[JobId] | None:  # noqa: ARG002  nobody does
        return None


@attrs.frozen(slots=True)
class Person:
    """A user, and what they can do."""

    user: User
    me: Acting


class World:
    """A task engine on a store, with people and teams made as a test asks for them."""

    def __init__(
        self,
        store: Store,
        *,
        signup: Signup = "open",
        hasher: PasswordHasher | None = None,
        solver: Callable[[], Solver] = heuristic,
        bus: Bus | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.mailbox = Mailbox()
        self.receiver = Receiver()
        """Where every webhook posts to, whatever its URL."""
        self.blobs = open_blobs(None, "memory://")
        tokens = (f"token-{number}-{next(_serial)}" for number in count())
        self.new_id = uuid7_ids()
        self.core = TaskCore(
            store=_Posted(store, self.mailbox),
            hasher=hasher or QuickHasher(),
            clock=self.clock,
            ids=self.new_id,
            new_token=lambda: next(tokens),
            mail=self.mailbox,
            solver=solver,
            poster=lambda: self.receiver,
            bus=bus,
            blobs=lambda: self.blobs,
            typesetter=open_typesetter,
            signup=signup,
        )
        self.store = store

    async def person(self, name: str = "Ada", *, time_zone: str = "UTC") -> Person:
        email = f"{name.lower()}{next(_serial)}@example.org"
        user = await self.core.users.register(
            email, name=name, password="correct horse battery", time_zone=time_zone
        )
        return Person(user, self.core.acting_as(user.id))

    async def admin(self, name: str = "Root") -> Person:
        """Somebody who runs the instance."""
        person = await self.person(name)
        return attrs.evolve(person, user=await self.core.users.set_admin(person.user.id, is_admin=True))

    async def team(self, owner: Person, *, time_zone: str = "UTC") -> Team:
        return await owner.me.teams.create(f"Team {next(_serial)}", key=unused_key(), time_zone=time_zone)

    async def member(self, owner: Person, team: Team, role: Role = Role.MEMBER, name: str = "Bob") -> Person:
        """Somebody invited to the team, who accepted."""
        person = await self.person(name)
        _, token = await owner.me.invitations.create(team.id, person.user.email, role)
        await person.me.invitations.accept(token)
        return person


def unused_key() -> str:
    """A team key that no other call gives."""
    number, letters = next(_serial), ""
    while number:
        number, letter = divmod(number, len(_LETTERS))
        letters += _LETTERS[letter]
    return ("T" + letters).ljust(4, "Z")[:10]
