"""A database as it should be set up behind row-level security, and people in two teams of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import attrs
import pytest

from taskcore.connect import STORES, resolve
from taskcore.delivery.inbox import Notification, Reason
from taskcore.errors import Unavailable
from taskcore.idempotency import IdempotencyRecord
from taskcore.identity.model import EmailToken, Identity, Purpose
from taskcore.jobs.model import JobSchedule
from taskcore.jobs.states import new_job
from taskcore.permissions import Actor
from taskcore.ports import Entity, Store, Unit
from taskcore.sagas.model import Saga
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.samples import NOW
from taskcore.testing.world import Person
from taskcore.values import NotificationId, Role, SagaId, TokenId
from taskcore.watching.model import Watch
from taskcore_sql.wall import in_name_of
from tests.servers.postgres import Postgres

OWNER, APP = "wall_owner", "wall_app"
PASSWORD = "correct horse battery"
PERSONAL = (
    *("credentials", "sessions", "refresh_tokens", "email_tokens", "identities"),
    *("idempotency_records", "read_markers", "notifications", "notification_preferences"),
)
"""Tables of what is a user's own."""
ONES_OWN = (*PERSONAL, "jobs", "sagas")
"""Tables of which only what is one's own is seen: whatever is done there is done in its user's name, in no team's."""
OF_INSTANCE = ("instance", "job_schedules")
"""Tables of what is nobody's: only the instance itself sees them."""
OUTSIDE = {"alembic_version": "the schema's number, which is read before anybody is anybody"}
"""Tables without a wall, and why."""
ONLY_GROWS = ("audit_entries", "events", "instance")
NEVER_DELETED = ("audit_entries", "instance", "users", "team_counters")
"""Tables in which nothing is ever changed; and those of which nothing is removed, by the instance neither."""


@attrs.frozen
class Site:
    """A database as it should be set up: one role owns the tables, another is the app's."""

    server: Postgres
    name: str

    def url(self, user: str) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.server.port}/{self.name}"


@attrs.frozen
class Instance:
    """Two teams that have nobody in common, something of everything in each, and one who runs the instance."""

    ada: Person
    hers: Team
    bob: Person
    his: Team
    root: Person


def opened(url: str) -> Store:
    store: Store = resolve(STORES, url)(url, blocking=False)
    return store


@contextmanager
def walled(server: Postgres) -> Iterator[Site]:
    for role in (OWNER, APP):
        server.execute(f"CREATE ROLE {role} LOGIN")
    site = Site(server, f"walled_{uuid4().hex}")
    server.execute(f"CREATE DATABASE {site.name} OWNER {OWNER}")
    asyncio.run(set_up(site))
    yield site
    server.drop(site.name)
    for role in (OWNER, APP):
        server.execute(f"DROP ROLE {role}")


async def set_up(site: Site) -> None:
    """As an owner who may make no roles: what a superuser has to run is in the error."""
    store = opened(site.url(OWNER))
    with pytest.raises(Unavailable) as told:
        await store.upgrade()
    site.server.execute(told.value.message.split("`")[1])
    await store.upgrade()
    await store.close()
    site.server.execute(f"GRANT taskcore_app TO {APP}")


async def populated(site: Site) -> Instance:
    store = opened(site.url(APP))
    world = World(store)
    ada, bob = await world.person("Ada"), await world.person("Bob")
    made = Instance(ada, await filled(world, ada), bob, await filled(world, bob), await world.admin())
    await store.secret()
    await saved(store, JobSchedule("hourly", NOW))
    await store.close()
    return made


async def filled(world: World, person: Person) -> Team:
    """A team of theirs with a row in every table of teams, and one of theirs in every other."""
    me, user = person.me, person.user.id
    team = await me.teams.create(f"Team of {person.user.name}", key=person.user.name.upper())
    await me.labels.create(team.id, "bug")
    project = await me.projects.create(team.id, "Zeppelin")
    guest = await world.member(person, team, Role.GUEST, "Gus")
    await me.projects.share(project.id, guest.user.id)
    first = await me.tasks.create(team.id, "Ship the zeppelin", labels=["bug"], project_id=project.id)
    second = await me.tasks.create(team.id, "Follow it")
    await me.followers.add(second.id, user)
    await me.dependencies.link(first.id, second.id)
    await me.comments.create(first.id, "Soon")
    await me.reminders.add(first.id)
    await me.comments.mark_read(first.id)
    await me.views.create(team.id, "Mine")
    await me.escalations.create(team.id, "Unassigned", "unassigned", [{"action": "raise_priority"}])
    webhook, _ = await me.webhooks.create(team.id, "https://example.org")
    await me.webhooks.test(webhook.id)
    await world.core.auth.sign_in(person.user.email, PASSWORD)
    await me.tokens.create("program", team=team.id)
    await saved(
        world.store,
        EmailToken(TokenId(uuid4()), Purpose.RESET, "a@b.c", uuid4().hex, NOW, NOW, user),
        Identity("https://id.example.org", uuid4().hex, user, NOW),
        Notification(
            user, NotificationId(uuid4()), Reason.ASSIGNED, "a cause", "it is yours", NOW, team_id=team.id
        ),
        new_job(uuid4(), "a.kind", NOW, user_id=user, team_id=team.id),
        Watch(team.id, first.id, NOW),
        Saga(SagaId(uuid4()), "a.kind", NOW, "a step", team_id=team.id, user_id=user),
        IdempotencyRecord(user, uuid4().hex, "fingerprint", "nonce", NOW, {}),
    )
    return team


async def saved(store: Store, *things: Entity, actor: Actor | None = None) -> None:
    async def work(unit: Unit) -> None:
        await unit.save(things)

    await store.transact(work, actor)


@asynccontextmanager
async def connected(site: Site, user: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(site.url(user))
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def acting(connection: Any, who: Person | None) -> AsyncIterator[Any]:
    """A transaction in somebody's name (None: the instance's), which is undone."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        actor = Actor(who.user.id) if who is not None else None
        await connection.execute(f"SET LOCAL ROLE taskcore_app; {in_name_of(actor)}")
        yield connection
    finally:
        await transaction.rollback()


async def tables_of(connection: Any) -> list[str]:
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    return sorted(row[0] for row in rows)


async def walled_tables(connection: Any) -> list[str]:
    return [table for table in await tables_of(connection) if table not in OUTSIDE]


async def rows_of(connection: Any, table: str, where: str = "TRUE") -> set[str]:
    return {row[0] for row in await connection.fetch(f"SELECT t::text FROM {table} t WHERE {where}")}  # noqa: S608


async def columns_of(connection: Any, table: str) -> dict[str, bool]:
    """Names of columns, and whether a row needs them."""
    rows = await connection.fetch(
        "SELECT attname, attnotnull FROM pg_attribute"
        " WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped",
        table,
    )
    return dict(rows)


async def tables_with_team(connection: Any) -> list[str]:
    walled = await walled_tables(connection)
    return [table for table in walled if "team_id" in await columns_of(connection, table)]
