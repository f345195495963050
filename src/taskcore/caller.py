"""
Whoever acts: what a use case needs besides its arguments, and the shape all commands share.

A command is written as a method that takes the unit of work first; `@command` gives it one, so
that callers never see it, and hands the whole to the store, which commits or undoes it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import update_wrapper
from inspect import Signature, signature
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeVar, get_type_hints
from uuid import UUID

import attrs

from taskcore.delivery.ports import Bus, Mailer, Poster
from taskcore.errors import Conflict, Forbidden, Invalid, PreconditionFailed, invalid
from taskcore.events import Stamp, plain
from taskcore.files.ports import Blobs
from taskcore.idempotency import KEPT, Attempt, IdempotencyRecord, hashed_key, key_faults
from taskcore.identity.model import User
from taskcore.identity.ports import PasswordHasher
from taskcore.permissions import SENSITIVE, Actor, Standing, missing, refused, require, signed_out
from taskcore.ports import KEYS, E, Rows, Seen, Store, Unit
from taskcore.progress import Progress, sealed
from taskcore.scheduling.leveling.ports import Solver
from taskcore.teams.model import Membership, Team
from taskcore.values import Clock, Ids, TeamId, UserId

if TYPE_CHECKING:
    from taskcore.live.feed import Feed
    from taskcore.live.gathering import Gathering
    from taskcore.status.ports import Typesetter

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="UseCases")
Signup = Literal["open", "invited", "closed"]


@attrs.frozen(slots=True)
class Outside:
    """What the core needs from outside, and what is decided there: who may sign up, and where people reach it."""

    store: Store
    clock: Clock
    ids: Ids
    hasher: PasswordHasher
    mail: Mailer
    new_token: Callable[[], str]
    bus: Bus
    solver: Callable[[], Solver]
    poster: Callable[[], Poster]
    feed: Callable[[], Feed]
    gathering: Callable[[], Gathering]
    blobs: Callable[[], Blobs]
    typesetter: Callable[[], Typesetter]
    """These are made when they are asked for first: few programs need them."""
    signup: Signup = "open"
    public_url: str | None = None


@attrs.frozen(slots=True)
class Caller:
    """Whoever acts, from where, and what the core needs from outside."""

    actor: Actor
    outside: Outside
    origin: str | None = None
    """An address and a program's name, for the audit."""
    attempt: Attempt | None = None
    """Under which key of the caller's all this may be a repetition."""
    progress: Progress = attrs.field(factory=Progress)
    """Up to where the caller wrote, as far as the caller is known here."""

    @property
    def user_id(self) -> UserId:
        return self.actor.user_id

    @property
    def store(self) -> Store:
        return self.outside.store

    @property
    def clock(self) -> Clock:
        return self.outside.clock

    def rows(self) -> Rows:
        """What the caller is to be shown: their own writes, and of those of others what has come there."""
        return self.outside.store.rows(self.actor, self.progress)

    def newest_rows(self) -> Rows:
        """What a command goes by, and what is to fit to something newer than `rows` may be."""
        return self.outside.store.rows(self.actor)

    def wrote(self) -> None:
        """What was just committed is a write of the caller's."""
        self.progress.reach(self.outside.store.written)

    async def consistency_token(self) -> str:
        """What makes a read elsewhere at least as new as all that the caller wrote."""
        key = await self.outside.store.secret()
        return sealed(key, self.progress.position(key))

    def stamp(self) -> Stamp:
        return Stamp(self.actor.user_id, self.outside.clock(), self.outside.ids, self.origin)

    def new_token(self) -> str:
        """A secret that nobody guesses; in a repetition the same again."""
        return self.attempt.secret() if self.attempt is not None else self.outside.new_token()


@attrs.frozen(slots=True)
class Judged:
    """A sensitive right that was asked for, in which team, and of what."""

    action: str
    team_id: UUID | None
    what: str


class UseCases:
    """Use cases of one noun, with the rights of one caller."""

    _judged: list[Judged] | None = None
    """Sensitive rights that the command which runs has asked for, and has; None, where none runs."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    @property
    def _rows(self) -> Rows:
        return self._caller.rows()

    async def _oneself(self, reader: Rows | Unit, *actions: str) -> User:
        """The caller's own account, once they may do every one of `actions`. Raises: Unauthenticated,
        if it is disabled or gone, or the session or token revoked; Forbidden."""
        seen = await reader.see(User, self._caller.user_id, self._caller.actor)
        if not seen.standing.active or seen.thing is None:
            raise signed_out()
        for action in actions:
            self._demand(seen.standing, action, "user")
        self._note(User, seen.thing.id, None, *actions)
        return seen.thing

    async def _allowed(
        self, reader: Rows | Unit, kind: type[E], ref: UUID | str, read: str, *actions: str
    ) -> tuple[E, Seen[E]]:
        """
        The thing, once the caller may `read` it (else it is not there) and do every one of `actions`.

        The first of the four steps of each use case. Raises: Unauthenticated, NotFound, Forbidden.
        """
        if not isinstance(ref, UUID | str):
            raise invalid(kind.__name__.lower(), f"must be named by a text or an id, not {ref!r:.80}")
        seen = await reader.see(kind, ref, self._caller.actor)
        what = f"{NOUNS.get(kind.__name__, kind.__name__.lower())} {ref}"
        if not seen.standing.active:
            raise signed_out()
        if seen.thing is None:
            raise missing(what)
        for action in (read, *actions):
            self._demand(seen.standing, action, what, shared=seen.shared)
        if hasattr(seen.thing, "id"):
            self._note(kind, seen.thing.id, seen.standing.team_id, read)
        # Of the team, since the thing may be gone when it is asked again.
        self._note(Team, seen.standing.team_id, seen.standing.team_id, *actions)
        return seen.thing, seen

    def _require(self, standing: Standing, action: str, what: str, **facts: bool) -> None:
        """As `_demand`; before a repetition is answered it is asked again."""
        self._demand(standing, action, what, **facts)
        self._note(Team, standing.team_id, standing.team_id, action, **facts)

    def _demand(self, standing: Standing, action: str, what: str, **facts: bool) -> None:
        """As `permissions.require`; should a rule refuse what the right allows, the audit tells of it."""
        require(standing, action, what, **facts)
        if self._caller.attempt is not None:
            self._caller.attempt.actions.add(action)
        if self._judged is not None and action in SENSITIVE:
            self._judged.append(Judged(action, standing.team_id, what))

    def _note(
        self, kind: type[Any], ref: UUID | None, team_id: TeamId | None, *actions: str, **facts: bool
    ) -> None:
        if self._caller.attempt is not None and ref is not None and actions:
            self._caller.attempt.asked.append((kind.__name__, ref, team_id, actions, facts))

    async def _ask_again(self, unit: Unit, asked: Sequence[Any], done: Iterable[str]) -> None:
        """Raise unless the caller still has every right that a command asked for when it ran, and every scope."""
        await self._oneself(unit)
        for action in done:
            if not self._caller.actor.has_scope(action):
                message = f"this token is not good for {action}"
                raise refused(Standing(self._caller.actor), action, message, "insufficient_scope")
        for kind, ref, team_id, actions, facts in asked:
            seen = await unit.see(_KINDS[kind], UUID(ref), self._caller.actor)
            what = f"{NOUNS.get(kind, kind.lower())} {ref}"
            if seen.thing is None:  # gone for everybody, or hidden from who is in its team no longer
                if not await unit.find(Membership, team_id=UUID(team_id), user_id=self._caller.user_id):
                    raise missing(what)
                continue
            for action in actions:
                require(seen.standing, action, what, **{"shared": seen.shared, **facts})


NOUNS = {"SavedView": "view"}
_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in KEYS}


Method = Callable[Concatenate[S, Unit, P], Coroutine[Any, Any, R]]
Command = Callable[Concatenate[S, P], Coroutine[Any, Any, R]]


def command(method: Method[S, P, R]) -> Command[S, P, R]:
    """
    Make a command of a method whose first argument is the unit of work, in the caller's name.

    An `idempotency_key` that the method declares is for its callers: what it does is done here.
    """
    return _commanding(method, in_name_of=lambda caller: caller.actor)


def command_across_teams(method: Method[S, P, R]) -> Command[S, P, R]:
    """As `command`, in the instance's name: for what concerns teams that the caller is not in (yet)."""
    return _commanding(method, in_name_of=lambda _: None)


def _commanding(method: Method[S, P, R], in_name_of: Callable[[Caller], Actor | None]) -> Command[S, P, R]:
    shape = _seen_by_callers(method)

    async def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        self = _of_one_call(_under_key(self, method.__qualname__, shape, args, kwargs))
        caller = self._caller

        async def work(unit: Unit) -> R:
            if caller.attempt is None:
                return await method(self, unit, *args, **kwargs)
            return await _once(self, unit, caller.attempt, method, *args, **kwargs)

        if caller.attempt is not None:
            caller.attempt.seal(await caller.store.secret())

        async with refusals_entered(caller, self._judged):
            result = await caller.store.transact(work, in_name_of(caller))
        caller.wrote()
        return result

    update_wrapper(run, method)
    vars(run)["__signature__"] = shape
    return run


def repeatable(method: Command[S, P, R]) -> Command[S, P, R]:
    """Let a use case that does more than one command take an `idempotency_key` for the whole."""
    shape = signature(method)

    async def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await method(_under_key(self, method.__qualname__, shape, args, kwargs), *args, **kwargs)

    update_wrapper(run, method)
    return run


def _under_key(self: S, name: str, shape: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> S:
    """The use cases with the attempt that `idempotency_key` makes of this call, which is taken out of `kwargs`."""
    key: str | None = kwargs.pop("idempotency_key", None)
    if key is None:
        return self
    if faults := key_faults(key, "idempotency_key"):
        raise Invalid(faults=faults)
    given = shape.bind(self, *args, **kwargs)
    given.apply_defaults()
    asked = {each: value for each, value in [*given.arguments.items()][1:] if each not in _ASIDE}
    under = _of_one_call(self)
    under._caller = attrs.evolve(self._caller, attempt=Attempt.of(key, name, asked))  # noqa: SLF001  oneself
    return under


def _of_one_call(self: S) -> S:
    """The use cases, to remember what one call has asked for."""
    own = object.__new__(type(self))
    vars(own).update(vars(self), _judged=[])
    return own


_ASIDE = ("idempotency_key", "if_version", "on_plan")
"""What does not make a call another one: whoever asks again may have read a newer version meanwhile."""


async def _once(
    self: S, unit: Unit, attempt: Attempt, method: Method[S, P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """What the method gives, or gave when it was asked for under the same key before."""
    caller, now = self._caller, self._caller.clock()
    key_hash = hashed_key(attempt.key)
    if not await unit.hold(f"{caller.user_id} {key_hash}"):
        raise Conflict("the same request is still running: ask again in a moment", code="in_progress")
    found = await unit.find(IdempotencyRecord, user_id=caller.user_id, key_hash=key_hash)
    if found and now - found[0].created_at < KEPT:
        return await _replayed(self, unit, attempt, found[0], method)
    nonce = caller.outside.new_token()
    attempt.begin(nonce)
    result = await method(self, unit, *args, **kwargs)
    kept = {
        # As text, since a database may keep the members of an object in an order of its own.
        "text": json.dumps(attempt.without_secrets(plain(result)), ensure_ascii=False),
        "asked": plain(attempt.asked),
        "actions": sorted(attempt.actions),
    }
    version = found[0].version + 1 if found else 1
    await unit.save(
        [
            IdempotencyRecord(
                user_id=caller.user_id,
                key_hash=key_hash,
                fingerprint=attempt.fingerprint,
                nonce=nonce,
                created_at=now,
                result=kept,
                version=version,
            )
        ]
    )
    return result


async def _replayed(
    self: S, unit: Unit, attempt: Attempt, record: IdempotencyRecord, method: Method[S, P, R]
) -> R:
    if record.fingerprint != attempt.fingerprint:
        raise Invalid("this idempotency key was used for another request", code="idempotency_mismatch")
    await self._ask_again(unit, record.result["asked"], record.result.get("actions", ()))
    attempt.begin(record.nonce)
    attempt.replayed = True
    from taskcore.codec import decoded  # noqa: PLC0415  cattrs, which few need

    value = attempt.with_secrets(json.loads(record.result["text"]))
    result: R = decoded(value, get_type_hints(method)["return"])
    return result


@asynccontextmanager
async def refusals_entered(caller: Caller, judged: list[Judged] | None = None) -> AsyncIterator[None]:
    """
    A sensitive action that is refused within is entered into the audit: for want of the right, or by a rule,
    which refuses the last one `judged`.
    """
    try:
        yield
    except Forbidden as refused:
        action = str(refused.data.get("action"))
        if action in SENSITIVE:
            await enter_refusal(caller, Judged(action, refused.team_id, refused.what or ""), refused.code)
        raise
    except (Conflict, Invalid) as refused:
        if judged:
            await enter_refusal(caller, judged[-1], refused.code)
        raise


async def enter_refusal(caller: Caller, wanted: Judged, code: str) -> None:
    """In a unit of its own, since the one that was refused leaves nothing."""
    data = {"what": wanted.what[:200]} if wanted.what else {}
    subject_type = wanted.what.partition(" ")[0] or "team"
    entry = caller.stamp().audit(
        wanted.action, subject_type, team_id=wanted.team_id, allowed=False, data=data | {"code": code}
    )

    async def work(unit: Unit) -> None:
        await unit.save([entry])

    await caller.store.transact(work)


def _seen_by_callers(method: Callable[..., Any]) -> Signature:
    """The method's signature without the unit of work, as help() and editors should show it."""
    whole = signature(method)
    oneself, _, *arguments = whole.parameters.values()
    return whole.replace(parameters=[oneself, *arguments])


def stale_version(thing: Any, if_version: int | None) -> PreconditionFailed | None:
    """The failed precondition, if the caller names a version which is not the thing's."""
    if if_version is None or if_version == thing.version:
        return None
    return PreconditionFailed(
        f"it is at version {thing.version}, not {if_version}: read it again", version=thing.version
    )


def expect_version(thing: Any, if_version: int | None) -> None:
    """Raise `PreconditionFailed` unless the thing is at the version the caller has seen."""
    stale = stale_version(thing, if_version)
    if stale is not None:
        raise stale
