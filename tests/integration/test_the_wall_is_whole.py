"""What the catalogue says of the wall: that no table stands outside of it, and who is let in."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from taskcore.errors import Invalid, Unavailable
from taskcore.permissions import Actor
from taskcore.tasks.model import Task
from tests.servers.postgres import postgres_server
from tests.servers.walled import (
    APP,
    NEVER_DELETED,
    ONLY_GROWS,
    OUTSIDE,
    OWNER,
    Instance,
    Site,
    columns_of,
    connected,
    opened,
    tables_of,
)

NOT_IN_KEY = {
    "api_tokens": "its team is where it is good; whose it is, is the user",
    "notifications": "some are of no team; whose one is, is the user",
    "audit_entries": "it outlives what it tells of, and so points at nothing",
    "jobs": "some are of no team, and what is to be done may be that a team goes",
    "sagas": "as jobs",
}
"""Tables whose team is not in their key, and why."""


async def breaches(connection: Any) -> list[str]:
    """What of the schema is not as the wall wants it."""
    found = []
    for table in await tables_of(connection):
        if table not in OUTSIDE:
            found += await breaches_of_wall(connection, table)
        if "team_id" in await columns_of(connection, table) and table not in NOT_IN_KEY:
            found += await breaches_of_keys(connection, table)
    return [*found, *await breaches_of_roles(connection), *await breaches_of_functions(connection)]


async def breaches_of_wall(connection: Any, table: str) -> list[str]:
    enabled, forced = await connection.fetchrow(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = $1::text::regclass", table
    )
    found = [f"{table} has no forced row-level security"] if not (enabled and forced) else []
    policies = await connection.fetch(
        "SELECT cmd, permissive, roles::text[], qual, with_check FROM pg_policies WHERE tablename = $1", table
    )
    granted = {
        right
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
        if await connection.fetchval("SELECT has_table_privilege('taskcore_app', $1::text, $2)", table, right)
    }
    rights = {"SELECT", "INSERT"}
    rights |= {"UPDATE"} if table not in ONLY_GROWS else set()
    rights |= {"DELETE"} if table not in NEVER_DELETED else set()
    if granted != rights:
        found.append(f"the app may {granted ^ rights} on {table}, or may not")
    for right in granted:
        told = [each for each in policies if each["cmd"] in (right, "ALL") and each["roles"] == ["public"]]
        if not told:
            found.append(f"{table} has no policy for {right}")
        for policy in told:
            if right != "INSERT" and not says_who(policy["qual"]):
                found.append(f"{right} on {table} is not walled: USING {policy['qual']}")
            if right in ("INSERT", "UPDATE") and not says_who(policy["with_check"]):
                found.append(f"{right} on {table} is not walled: WITH CHECK {policy['with_check']}")
    others = [(each["roles"], each["cmd"]) for each in policies if each["roles"] != ["public"]]
    if others != ([(["taskcore_search"], "SELECT")] if table == "task_texts" else []):
        found.append(f"{table} has a policy for {others}")
    return found


def says_who(expression: str | None) -> bool:
    """Whether a policy asks for a context, and not for something that every row has."""
    return expression is not None and "current_setting" in expression


async def breaches_of_keys(connection: Any, table: str) -> list[str]:
    """A key or a reference within a team that another team's row could satisfy."""
    keys = await connection.fetch(
        """SELECT conname, contype, confrelid::regclass::text AS target,
  ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey)) AS own,
  ARRAY(SELECT own.attname || '=' || other.attname FROM unnest(conkey, confkey) AS pair(here, there)
    JOIN pg_attribute own ON own.attrelid = conrelid AND own.attnum = here
    JOIN pg_attribute other ON other.attrelid = confrelid AND other.attnum = there) AS pairs
FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype IN ('p', 'f')""",
        table,
    )
    found = [] if (await columns_of(connection, table))["team_id"] else [f"{table}.team_id may be unset"]
    if not any(key["contype"] == b"p" and "team_id" in key["own"] for key in keys):
        found.append(f"{table} has no team in its primary key")
    for key in keys:
        of_team = key["contype"] == b"f" and "team_id" in await columns_of(connection, key["target"])
        if of_team and "team_id=team_id" not in key["pairs"]:
            found.append(f"{key['conname']} of {table} points at {key['target']} of any team")
    return found


async def breaches_of_roles(connection: Any) -> list[str]:
    found = []
    for role in ("taskcore_app", "taskcore_search"):
        powers = await connection.fetchrow(
            "SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb, rolreplication"
            " FROM pg_roles WHERE rolname = $1",
            role,
        )
        found += [f"{role} has {name}" for name, has in powers.items() if has]
        owned = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = $1)",
            role,
        )
        found += [f"{role} owns {name}" for (name,) in owned]
    inside = await connection.fetch(
        "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolname <> 'taskcore_search'"
        " AND pg_has_role(rolname, 'taskcore_search', 'USAGE')"
    )
    return [*found, *(f"{name} has what taskcore_search has" for (name,) in inside)]


async def breaches_of_functions(connection: Any) -> list[str]:
    """A function with rights of its own: there is one, with few."""
    functions = await connection.fetch(
        "SELECT proname, proowner::regrole::text, proconfig, proacl::text[] FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    expected = [("taskcore_tasks_with_text", "taskcore_search", ["search_path=public, pg_temp"])]
    found = (
        [f"functions with rights of their own: {functions}"]
        if [tuple(each)[:3] for each in functions] != expected
        else []
    )
    readable = await connection.fetch(
        "SELECT attrelid::regclass::text || '.' || attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped"
        " AND has_column_privilege('taskcore_search', attrelid, attnum, 'SELECT')"
        " AND attrelid <> 'alembic_version'::regclass ORDER BY 1"
    )
    allowed = [
        *("memberships.team_id", "memberships.user_id"),
        *("task_texts.task_id", "task_texts.team_id", "task_texts.text"),
    ]
    if [each[0] for each in readable] != allowed:
        found.append(f"taskcore_search reads {readable}")
    if any(acl.startswith("=") for each in functions for acl in each["proacl"] or ["="]):
        found.append("anybody may run a function with rights of its own")
    return found


async def test_every_table_is_walled_and_keeps_its_teams_apart(site: Site) -> None:
    async with connected(site, "postgres") as superuser:
        assert await breaches(superuser) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE sessions DISABLE ROW LEVEL SECURITY",
        "DROP POLICY inside ON labels",
        "ALTER POLICY inside ON comments USING (true)",
        "ALTER POLICY changed ON memberships WITH CHECK (team_id IS NOT NULL)",
        "CREATE POLICY open ON tasks FOR SELECT USING (status = 'done')",
        "CREATE POLICY open ON labels FOR SELECT TO taskcore_search USING (true)",
        "CREATE TABLE notes (team_id uuid, id uuid, PRIMARY KEY (team_id, id)); GRANT SELECT ON notes TO taskcore_app",
        "CREATE TABLE notes (team_id uuid NOT NULL, id uuid PRIMARY KEY)",
        "ALTER TABLE labels ADD UNIQUE (id); ALTER TABLE task_labels ADD FOREIGN KEY (label_id) REFERENCES labels (id)",
        "GRANT UPDATE ON audit_entries TO taskcore_app",
        "GRANT TRUNCATE ON tasks TO taskcore_app",
        "ALTER ROLE taskcore_app BYPASSRLS",
        "ALTER ROLE taskcore_app LOGIN",
        "GRANT taskcore_search TO wall_app",
        "GRANT SELECT ON users TO taskcore_search",
        "ALTER FUNCTION taskcore_teams SECURITY DEFINER",
        "ALTER FUNCTION taskcore_tasks_with_text RESET search_path",
        "GRANT EXECUTE ON FUNCTION taskcore_tasks_with_text TO PUBLIC",
    ],
)
async def test_a_breach_is_noticed(site: Site, change: str) -> None:
    async with connected(site, "postgres") as superuser:
        transaction = superuser.transaction()
        await transaction.start()
        await superuser.execute(change)
        found = await breaches(superuser)
        await transaction.rollback()

    assert found != []


SETTING_UP = """
import asyncio, sys
from taskcore_sql import open_postgresql

async def main():
    store = open_postgresql(sys.argv[1])
    await store.upgrade()
    await store.secret()
    await store.close()

asyncio.run(main())
"""


def test_databases_that_are_set_up_at_once_share_the_roles() -> None:
    with postgres_server() as server:
        server.execute("CREATE ROLE maker LOGIN CREATEROLE")
        names = [f"at_once_{number}" for number in range(5)]
        for name in names:
            server.execute(f"CREATE DATABASE {name} OWNER maker")
        urls = [server.url(name).replace("postgres@", "maker@") for name in names]
        running = [subprocess.Popen([sys.executable, "-c", SETTING_UP, url]) for url in urls]
        codes = [each.wait() for each in running]

    assert codes == [0] * 5


@pytest.mark.parametrize("power", ["BYPASSRLS", "NOBYPASSRLS"])
async def test_a_role_that_is_not_let_in_is_told_so(site: Site, power: str) -> None:
    """One that no wall would hold, and one that has no rights."""
    site.server.execute(f"CREATE ROLE stranger LOGIN {power}")
    try:
        store = opened(site.url("stranger"))
        with pytest.raises(Unavailable, match="GRANT taskcore_app TO"):
            await store.check()
        with pytest.raises(Unavailable, match="GRANT taskcore_app TO"):
            await store.rows().find(Task)
        await store.close()
    finally:
        site.server.execute("DROP ROLE stranger")


@pytest.mark.parametrize(("user", "held"), [("postgres", False), (APP, True), (OWNER, True)])
async def test_the_wall_can_be_left_out_by_those_whom_it_does_not_hold(
    site: Site, instance: Instance, user: str, *, held: bool
) -> None:
    store = opened(f"{site.url(user)}?rls=off")
    if held:
        with pytest.raises(Unavailable, match="BYPASSRLS"):
            await store.check()
    else:
        await store.check()
        assert len({task.team_id for task in await store.rows(Actor(instance.ada.user.id)).find(Task)}) == 2
    await store.close()


def test_the_wall_is_there_or_is_not() -> None:
    with pytest.raises(Invalid, match="rls must be on or off"):
        opened("postgresql://localhost/x?rls=perhaps")
