"""PostgreSQL's own wall around each team: what it shows, and what it lets nobody change."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from taskcore.errors import Forbidden
from taskcore.identity.model import User
from taskcore.permissions import Actor, scope
from taskcore.ports import TaskSearch
from taskcore.query import TaskFilter
from taskcore.tasks.model import Task
from taskcore.teams.model import Label, Membership, Team
from taskcore.testing import World
from taskcore.testing.samples import NOW, a_label
from taskcore.testing.world import Person
from taskcore.values import Role
from taskcore_sql.database import positional
from taskcore_sql.dialect import WALLED
from taskcore_sql.schema import COLUMNS
from taskcore_sql.search import counting, listing
from tests.servers.walled import (
    APP,
    NEVER_DELETED,
    OF_INSTANCE,
    ONES_OWN,
    ONLY_GROWS,
    OWNER,
    Instance,
    Site,
    acting,
    columns_of,
    connected,
    opened,
    rows_of,
    saved,
    tables_with_team,
    walled_tables,
)

MY_TEAM = "team_id = '{team}'"
VISIBLE = {
    "users": "id IN (SELECT user_id FROM memberships WHERE team_id = '{team}')",
    "teams": "id = '{team}'",
    "api_tokens": "user_id = '{user}' OR team_id = '{team}'",
    **dict.fromkeys(OF_INSTANCE, "FALSE"),
    **dict.fromkeys(ONES_OWN, "user_id = '{user}'"),
}
"""What somebody sees of a table, where it is not the rows of their team."""

REMOVED_BY_INSTANCE = ("api_tokens", "events", "job_schedules", "teams")


def visible(table: str, person: Person, team: Team) -> str:
    return VISIBLE.get(table, MY_TEAM).format(user=person.user.id, team=team.id)


async def test_a_statement_that_asks_for_everything_gets_what_is_ones_own(
    site: Site, instance: Instance
) -> None:
    async with connected(site, "postgres") as superuser, connected(site, APP) as app:
        for table in await walled_tables(superuser):
            everything = await rows_of(superuser, table)
            hers = await rows_of(superuser, table, visible(table, instance.ada, instance.hers))
            async with acting(app, instance.ada):
                seen = await rows_of(app, table)

            assert seen == hers, table
            assert everything - hers, f"no row of {table} is anybody else's: the test shows nothing"
            assert hers or table in OF_INSTANCE, f"no row of {table} is hers: the test shows nothing"


@pytest.mark.parametrize("role", ["taskcore_app", APP, OWNER])
async def test_whoever_does_not_say_who_they_are_sees_nothing(
    site: Site, instance: Instance, role: str
) -> None:
    """The owner of the tables too, and a connection in whose last transaction somebody was somebody."""
    async with connected(site, OWNER if role == OWNER else APP) as connection:
        async with acting(connection, instance.ada):
            assert await rows_of(connection, "tasks")
        await connection.execute(f"SET ROLE {role}")
        for table in await walled_tables(connection):
            assert await rows_of(connection, table) == set(), table


@pytest.mark.usefixtures("instance")
async def test_the_instance_itself_sees_everything(site: Site) -> None:
    async with connected(site, "postgres") as superuser, connected(site, APP) as app:
        for table in await walled_tables(superuser):
            async with acting(app, None):
                seen = await rows_of(app, table)

            assert seen == await rows_of(superuser, table), table
            assert len(seen) > (table not in OF_INSTANCE), table


async def test_an_instance_admin_sees_who_is_where_and_no_content(site: Site, instance: Instance) -> None:
    async with connected(site, "postgres") as superuser, connected(site, APP) as app:
        for table in await walled_tables(superuser):
            async with acting(app, instance.root):
                seen = await rows_of(app, table)
            if table in ("teams", "memberships", "users"):
                assert seen == await rows_of(superuser, table)
            else:
                assert seen == await rows_of(superuser, table, own_only(table, instance.root)), table


def own_only(table: str, person: Person) -> str:
    return f"user_id = '{person.user.id}'" if table in (*ONES_OWN, "api_tokens") else "FALSE"


async def test_the_statements_of_a_list_and_a_count_show_no_foreign_row_without_their_conditions(
    site: Site, instance: Instance
) -> None:
    """What they would show if somebody forgot whose teams, whose tasks, and in which projects."""
    asking = TaskSearch(
        scope(Actor(instance.ada.user.id), "task.list"), (), TaskFilter(), (("created_at", False),), NOW
    )
    async with connected(site, APP) as app:
        found: dict[tuple[Any, bool], list[Any]] = {}
        for statement, conditions in ((listing, 4), (counting, 3)):
            sql, params = statement(asking, WALLED)
            stripped, names = positional(without_scope(sql, conditions))
            for who in (None, instance.ada):
                async with acting(app, who):
                    rows = await app.fetch(stripped, *(params[name] for name in names))
                found[statement, who is None] = rows

    assert {row["key"] for row in found[listing, False]} == {"ADA-1", "ADA-2"}
    assert {row["key"] for row in found[listing, True]} >= {"ADA-1", "ADA-2", "BOB-1", "BOB-2"}
    # Each of the tasks that are seen, by each of the memberships that are.
    assert found[counting, False][0][0] == 2 * 2
    assert found[counting, True][0][0] >= 4 * 4


SEES = (
    "(mine.whole OR (mine.shared AND t.project_id = ANY(ARRAY("
    "SELECT g.project_id FROM project_guests g WHERE g.user_id = :user_id))))"
)
"""The condition on a guest's tasks, in the store's words."""


def without_scope(sql: str, conditions: int) -> str:
    """A statement of the store's, robbed of so many conditions."""
    robbed = 0
    for condition in (
        "m.user_id = :user_id",
        "t.team_id = mine.team_id",
        SEES,
        "WHERE u.id = :user_id",
    ):
        assert sql.count(condition) <= 1
        robbed += condition in sql
        sql = sql.replace(condition, "WHERE TRUE" if condition.startswith("WHERE") else "TRUE")
    assert robbed == conditions, sql
    return sql


async def test_what_the_store_finds_without_a_condition_is_ones_own(site: Site, instance: Instance) -> None:
    store = opened(site.url(APP))
    rows = store.rows(Actor(instance.ada.user.id))
    tasks, labels, users = await rows.find(Task), await rows.find(Label), await rows.find(User)
    hers, his = [
        await rows.see(Team, team.id, Actor(instance.ada.user.id)) for team in (instance.hers, instance.his)
    ]
    everything = await store.rows().find(Task)
    await store.close()

    assert {task.team_id for task in tasks} == {label.team_id for label in labels} == {instance.hers.id}
    assert instance.bob.user.id not in {user.id for user in users}
    assert (hers.thing, his.thing) == (instance.hers, None)
    assert len(everything) > len(tasks)


async def test_text_is_looked_for_in_ones_own_teams_alone(site: Site, instance: Instance) -> None:
    asked = "SELECT count(*) FROM taskcore_tasks_with_text($1, '%zeppelin%')"
    async with connected(site, APP) as app:
        async with acting(app, instance.ada):
            found = [await app.fetchval(asked, team.id) for team in (instance.hers, instance.his)]
        async with acting(app, None):
            by_instance = await app.fetchval(asked, instance.his.id)

    assert (found, by_instance) == ([1, 0], 1)


async def test_a_change_of_everything_changes_what_is_ones_own(site: Site, instance: Instance) -> None:
    async with connected(site, "postgres") as superuser, connected(site, APP) as app:
        tables = [table for table in await walled_tables(superuser) if table not in ONLY_GROWS]
        for table in tables:
            hers = await rows_of(superuser, table, visible(table, instance.ada, instance.hers))
            column = "version" if "version" in await columns_of(superuser, table) else "team_id"
            every = f"UPDATE {table} SET {column} = {column} RETURNING {table}::text"  # noqa: S608
            async with acting(app, instance.ada):
                met = {row[0] for row in await app.fetch(every)}

            assert met <= hers, table
            assert met or table in OF_INSTANCE, table


async def test_a_removal_of_everything_removes_what_is_ones_own(site: Site, instance: Instance) -> None:
    async with connected(site, "postgres") as superuser, connected(site, APP) as app:
        removable = [table for table in reversed(COLUMNS) if table not in NEVER_DELETED]
        # Whoever has left their teams sees nothing of them.
        removable.sort(key=lambda table: table == "memberships")
        hers = {
            table: await rows_of(superuser, table, visible(table, instance.ada, instance.hers))
            for table in removable
        }
        async with acting(app, instance.ada):
            for table in removable:
                every = f"DELETE FROM {table} RETURNING {table}::text"  # noqa: S608
                met = {row[0] for row in await app.fetch(every)}

                assert met <= hers[table], table
                assert bool(met) == (table not in REMOVED_BY_INSTANCE), table


async def test_nothing_is_written_into_a_foreign_team(site: Site, instance: Instance) -> None:
    """Rows as they lie there: refused before anybody sees that they are there already, as one's own are."""
    async with connected(site, "postgres") as superuser, connected(site, APP) as app:
        for table in await tables_with_team(superuser):
            for team, error in (
                (instance.his, asyncpg.InsufficientPrivilegeError),
                (instance.hers, asyncpg.UniqueViolationError),
            ):
                sql = f"SELECT * FROM {table} WHERE team_id = $1 LIMIT 1"  # noqa: S608
                row = await superuser.fetchrow(sql, team.id)
                named = {"audit_entries": "actor_id", "api_tokens": "user_id"}.get(table)
                changed = {**row, **({named: instance.ada.user.id} if named else {})}
                async with acting(app, instance.ada):
                    with pytest.raises(error):
                        await insert(app, table, changed)


async def test_nothing_is_written_in_somebody_elses_name(site: Site, instance: Instance) -> None:
    async with connected(site, "postgres") as superuser, connected(site, APP) as app:
        for table in (*ONES_OWN, *OF_INSTANCE, "api_tokens", "users", "teams", "audit_entries"):
            row = await superuser.fetchrow(f"SELECT * FROM {table} LIMIT 1")  # noqa: S608
            for column in ("user_id", "actor_id"):
                row = {**row, column: instance.bob.user.id} if column in row else row
            async with acting(app, instance.ada):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await insert(app, table, dict(row))


async def insert(connection: Any, table: str, row: dict[str, Any]) -> None:
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"  # noqa: S608
    await connection.execute(sql, *row.values())


async def test_nothing_is_moved_into_a_foreign_team(site: Site, instance: Instance) -> None:
    async with connected(site, "postgres") as superuser, connected(site, APP) as app:
        # What is done in a user's name is theirs alone to see, whichever team it says it is about.
        fixed = ("api_tokens", "jobs", "sagas", *ONLY_GROWS)
        for table in [each for each in await tables_with_team(superuser) if each not in fixed]:
            async with acting(app, instance.ada):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await app.execute(f"UPDATE {table} SET team_id = $1", instance.his.id)  # noqa: S608


async def test_nobody_makes_themselves_admin_of_the_instance(site: Site, instance: Instance) -> None:
    made = "UPDATE users SET is_admin = true WHERE id = $1"
    async with connected(site, APP) as app:
        async with acting(app, instance.ada):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(made, instance.ada.user.id)
        async with acting(app, instance.root):  # who is one stays one
            assert await app.execute(made, instance.root.user.id) == "UPDATE 1"


async def test_nobody_joins_a_team_by_themselves(site: Site, instance: Instance) -> None:
    store = opened(site.url(APP))
    joining = Membership(instance.his.id, instance.ada.user.id, Role.OWNER, NOW)
    with pytest.raises(Forbidden):
        await saved(store, joining, actor=Actor(instance.ada.user.id))
    with pytest.raises(Forbidden):
        await saved(store, a_label(instance.his), actor=Actor(instance.ada.user.id))
    members = await store.rows().find(Membership, team_id=instance.his.id)
    await store.close()

    assert instance.ada.user.id not in {each.user_id for each in members}


async def test_whoever_leaves_a_team_writes_its_last_line_behind_the_wall(site: Site) -> None:
    store = opened(site.url(APP))
    world = World(store)
    cy = await world.person("Cy")
    team = await world.team(cy)
    member = await world.member(cy, team, name="Dee")
    await member.me.members.leave(team.id)
    members = await cy.me.members.list(team.id)
    log = await cy.me.events.list(team.id)
    seen = await store.rows(Actor(member.user.id)).find(Team)
    await store.close()

    assert [each.user_id for each in members.items] == [cy.user.id]
    assert log.items[-1].kind == "member.removed"
    assert seen == []


async def test_the_audit_is_written_and_read_by_the_app_and_nothing_else(
    site: Site, instance: Instance
) -> None:
    async with connected(site, APP) as app:
        for change in (
            "UPDATE audit_entries SET allowed = NOT allowed",
            "DELETE FROM audit_entries",
            "TRUNCATE audit_entries",
        ):
            for who in (instance.ada, instance.root, None):
                async with acting(app, who):
                    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
                        await app.execute(change)
