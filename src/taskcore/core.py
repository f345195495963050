"""The library's front: everything that can be done, by noun."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import UUID

from taskcore.caller import Caller, Outside, Signup
from taskcore.delivery.mail import Mail
from taskcore.delivery.notifications import Notifications
from taskcore.delivery.ports import Bus, Mailer, Poster
from taskcore.delivery.webhooks import Webhooks
from taskcore.exchange.exports import Exports
from taskcore.exchange.restoring import Restores
from taskcore.files.ports import Blobs
from taskcore.idempotency import Attempt
from taskcore.identity.accounts import Accounts
from taskcore.identity.api import Me, Users
from taskcore.identity.auth import Auth
from taskcore.identity.credentials import Sessions, Tokens
from taskcore.identity.instance import Audit, Instance
from taskcore.identity.ports import PasswordHasher
from taskcore.jobs.api import InstanceJobs, Jobs
from taskcore.jobs.operating import JobDesk
from taskcore.jobs.registry import Handlers
from taskcore.live.local import LocalBus
from taskcore.live.waking import Waking
from taskcore.permissions import Actor
from taskcore.planning.api import Schedules
from taskcore.ports import Store
from taskcore.progress import Progress
from taskcore.sagas.api import SagaDesk, Sagas
from taskcore.scheduling.leveling.ports import Solver
from taskcore.status.api import StatusReports
from taskcore.system import heuristic, no_blobs, no_poster, no_typesetter
from taskcore.tasks.api import Tasks
from taskcore.tasks.batches import Batches
from taskcore.tasks.comments import Comments
from taskcore.tasks.dependencies import Dependencies, Followers
from taskcore.tasks.imports import Imports
from taskcore.tasks.log import Events
from taskcore.tasks.presence import Presences
from taskcore.tasks.reminders import Reminders
from taskcore.tasks.views import Views
from taskcore.teams.api import Teams
from taskcore.teams.invitations import Invitations
from taskcore.teams.members import Members
from taskcore.teams.projects import Labels, Projects
from taskcore.teams.working_time import Calendars
from taskcore.values import Clock, Ids, UserId
from taskcore.watching.escalations import Escalations

if TYPE_CHECKING:
    from taskcore.jobs.ports import Queue
    from taskcore.live.feed import Feed
    from taskcore.live.gathering import Gathering
    from taskcore.status.ports import Typesetter

_REMEMBERED = 10_000
"""Users whose progress is kept."""


class Acting:
    """Every use case with the rights of one user, by noun."""

    user_id: UserId

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.user_id = caller.user_id
        self.me = Me(caller, Accounts(caller.outside))
        self.sessions = Sessions(caller)
        self.tokens = Tokens(caller)
        self.teams = Teams(caller)
        self.members = Members(caller)
        self.calendars = Calendars(caller)
        self.invitations = Invitations(caller)
        self.audit = Audit(caller)
        self.projects = Projects(caller)
        self.labels = Labels(caller)
        self.tasks = Tasks(caller)
        self.batches = Batches(caller)
        self.dependencies = Dependencies(caller)
        self.followers = Followers(caller)
        self.comments = Comments(caller)
        self.presence = Presences(caller)
        self.reminders = Reminders(caller)
        self.views = Views(caller)
        self.schedule = Schedules(caller)
        self.events = Events(caller)
        self.webhooks = Webhooks(caller)
        self.escalations = Escalations(caller)
        self.notifications = Notifications(caller)
        self.imports = Imports(caller)
        self.restores = Restores(caller)
        self.exports = Exports(caller)
        self.jobs = Jobs(caller)
        self.reports = StatusReports(caller)
        self.instance = Instance(caller)
        self.instance_jobs = InstanceJobs(caller)
        self.sagas = Sagas(caller)

    async def consistency_token(self) -> str:
        """
        What stands for all that this user wrote here until now.

        Handed to `acting_as` of another process, as `after`, or to a service, as `Consistency-Token`, it makes
        what is read there at least as new. Needed only where a store has replicas.
        """
        return await self._caller.consistency_token()


class TaskCore:
    """
    A task engine on one store.

    `users` and `jobs` are the operator's, without permissions; `auth` proves who somebody is; `mail` takes what comes
    back from those who were written to; `acting_as` gives the use cases with the rights of one user. Use it as an async
    context manager, or call `close`.
    """

    store: Waking
    handlers: Handlers

    def __init__(
        self,
        *,
        store: Store,
        hasher: PasswordHasher,
        clock: Clock,
        ids: Ids,
        new_token: Callable[[], str],
        mail: Mailer,
        solver: Callable[[], Solver] = heuristic,
        bus: Bus | None = None,
        poster: Callable[[], Poster] = no_poster,
        queue: Queue | None = None,
        blobs: Callable[[], Blobs] = no_blobs,
        typesetter: Callable[[], Typesetter] = no_typesetter,
        signup: Signup = "open",
        public_url: str | None = None,
    ) -> None:
        self._bus = bus or LocalBus()
        self._make_poster = poster
        self._make_blobs = blobs
        self._queue = queue
        self.handlers = Handlers()
        self.store = Waking(store, self._bus, queue)
        self._outside = Outside(
            self.store,
            clock,
            ids,
            hasher,
            mail,
            new_token,
            self._bus,
            solver,
            lambda: self._poster,
            lambda: self._feed,
            lambda: self._gathering,
            lambda: self._blobs,
            typesetter,
            signup,
            public_url,
        )
        self._progress: dict[UserId, Progress] = {}
        accounts = Accounts(self._outside)
        self.users = Users(self._outside, accounts)
        self.auth = Auth(self._outside, accounts)
        self.jobs = JobDesk(self._outside, self.handlers, self._running_jobs)
        self.sagas = SagaDesk(self._outside)
        self.mail = Mail(self._outside)

    def acting_as(
        self,
        who: UserId | UUID | Actor,
        *,
        origin: str | None = None,
        attempt: Attempt | None = None,
        after: str | Progress | None = None,
    ) -> Acting:
        """
        Bind whoever acts, once; whether they may is asked by each use case, at its time.

        A user's id stands for the whole user. An `Actor` may be less: a session that can be revoked, an
        API token with its scopes. `origin` says from where, for the audit; `attempt` makes one command
        that is asked for again under its key answer as it did.

        Users see what they wrote through this core, whichever replica is read; `after` is the consistency
        token of what they wrote elsewhere, or a progress that is to be theirs alone. A token that none
        gave means nothing.
        """
        actor = who if isinstance(who, Actor) else Actor(UserId(who))
        progress = after if isinstance(after, Progress) else self._progress_of(actor.user_id)
        if isinstance(after, str):
            progress.expect(after)
        return Acting(Caller(actor, self._outside, origin, attempt, progress))

    def _progress_of(self, user_id: UserId) -> Progress:
        """Kept for those who acted last; after a few seconds no read is older than a write in any case."""
        progress = self._progress.pop(user_id, None) or Progress()
        if len(self._progress) >= _REMEMBERED:
            del self._progress[next(iter(self._progress))]
        self._progress[user_id] = progress
        return progress

    @cached_property
    def _feed(self) -> Feed:
        """What follows logs, for all who do in this process."""
        from taskcore.live.feed import Feed  # noqa: PLC0415  needs an event loop, which few programs have

        return Feed(self.store, self._bus, self._outside.clock)

    @cached_property
    def _poster(self) -> Poster:
        """What posts to webhooks, and judges their URLs, in this process."""
        return self._make_poster()

    @cached_property
    def _blobs(self) -> Blobs:
        """Where files are kept."""
        return self._make_blobs()

    @cached_property
    def _gathering(self) -> Gathering:
        """Who of this process is where, and what they are told of the others."""
        from taskcore.live.gathering import Gathering  # noqa: PLC0415  as above

        outside = self._outside
        return Gathering(self.store, self._bus, outside.clock, outside.ids().hex)

    async def deliver_mail(self) -> None:
        """
        Deliver the mail that this core put on its way, as far as nobody else has, each tried once; for programs beside
        which no service runs, and no `taskcore worker`. What is not taken stays in the store, for those.

        `taskcore.open` does so before it closes.
        """
        if self.store.posted:
            from taskcore.delivery.leaving import deliver_left  # noqa: PLC0415  few programs mail

            await deliver_left(self._outside, self.store.posted)

    def _running_jobs(self, slots: int, grace_seconds: float) -> AbstractAsyncContextManager[object]:
        """Within which this process runs jobs."""
        from taskcore.jobs.runner import Runner, running  # noqa: PLC0415  as above

        return running(Runner(self, slots=slots), grace_seconds)

    async def close(self) -> None:
        """Let go of connections."""
        if "_feed" in vars(self):
            await self._feed.close()
        if "_poster" in vars(self):
            await self._poster.close()
        if "_blobs" in vars(self):
            await self._blobs.close()
        if "_gathering" in vars(self):
            await self._gathering.close()
        if self._queue is not None:
            await self._queue.close()
        await self._bus.close()
        await self._outside.mail.close()
        await self.store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
