"""A second wall in PostgreSQL: row-level security, and the role that it holds"""

from __future__ import annotations

from alembic import op

from taskcore_sql.migrations.roles import APP, SEARCH, have_roles, run

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Whoever acts, their teams, whether they administer the instance, whether the instance itself acts. Each in a
# subquery of its own, which is run once a statement, and only where its answer is needed.
ME = "(SELECT nullif(current_setting('taskcore.user_id', true), '')::uuid)"
MINE = "(SELECT taskcore_teams())::uuid[]"
ADMIN = "(SELECT taskcore_is_admin())"
INSTANCE = "current_setting('taskcore.scope', true) = 'instance'"

CONTENT = (
    *("invitations", "labels", "projects", "project_guests", "saved_views", "tasks", "task_labels"),
    *("task_followers", "dependencies", "comments", "events", "team_counters"),
)
"""What belongs to a team."""
PERSONAL = ("credentials", "sessions", "refresh_tokens", "email_tokens", "identities")
"""What belongs to a user, and is nobody else's to see."""
GRANTS = {
    "SELECT, INSERT": ("audit_entries", "events", "instance"),
    "SELECT, INSERT, UPDATE": ("users", "teams", "team_counters"),
    "SELECT, INSERT, UPDATE, DELETE": (
        *(table for table in CONTENT if table not in ("events", "team_counters")),
        *PERSONAL,
        "api_tokens",
        "memberships",
    ),
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    schema = run("SELECT quote_ident(current_schema())")
    have_roles()
    run(f"GRANT USAGE ON SCHEMA {schema} TO {APP}, {SEARCH}")
    for rights, tables in GRANTS.items():
        run(f"GRANT {rights} ON {', '.join(tables)} TO {APP}")
    run("GRANT SELECT ON alembic_version TO PUBLIC")  # asked before any role is taken
    make_functions(schema)
    for table in CONTENT:
        wall(table, f"team_id = ANY ({MINE}) OR {INSTANCE}")
    for table in PERSONAL:
        wall(table, f"user_id = {ME} OR {INSTANCE}")
    wall("instance", INSTANCE)
    wall_around_teams()
    wall_around_users()
    wall_around_audit()
    make_search(schema)


def make_functions(schema: str) -> None:
    """What the policies ask. They run as whoever asks: one's own rows are open to everyone, so they need no
    more rights; and they are not for parallel workers, which would run them before it is known that they
    are needed, within each other."""
    run(f"""CREATE FUNCTION taskcore_teams() RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$ BEGIN
  RETURN ARRAY(SELECT team_id FROM {schema}.memberships WHERE user_id = {ME});
END $$""")  # noqa: S608  names of ours
    run(f"""CREATE FUNCTION taskcore_is_admin() RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN
  RETURN EXISTS (SELECT 1 FROM {schema}.users WHERE id = {ME} AND is_admin);
END $$""")  # noqa: S608  names of ours


def wall(table: str, test: str) -> None:
    """Rows for which the test holds, and no others: for the owner of the table too."""
    raise_wall(table)
    policy(table, "inside", "ALL", using=test, check=test)


def raise_wall(table: str) -> None:
    run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")


def policy(table: str, name: str, command: str, *, using: str = "", check: str = "") -> None:
    tests = (f"USING ({likely(using)})" if using else "") + (f" WITH CHECK ({check})" if check else "")
    run(f"CREATE POLICY {name} ON {table} FOR {command} {tests}")


def likely(test: str) -> str:
    """The same test, of which the planner expects that nearly every row passes it: of what it knows nothing of
    it expects half, and then sorts a team's tasks instead of reading them in the order of an index."""
    return f"nullif({test}, false) IS NOT NULL"


def wall_around_teams() -> None:
    """Teams and who is in them: an instance admin sees of a team that it is there, and who is in it."""
    raise_wall("teams")
    mine = f"id = ANY ({MINE}) OR {INSTANCE}"
    policy("teams", "seen", "SELECT", using=f"{mine} OR {ADMIN}")
    policy("teams", "founded", "INSERT", check=INSTANCE)
    policy("teams", "changed", "UPDATE", using=mine, check=mine)

    raise_wall("memberships")
    mine = f"team_id = ANY ({MINE}) OR {INSTANCE}"
    # One's own first, and by CASE: my teams are read from these very rows.
    policy(
        "memberships",
        "seen",
        "SELECT",
        using=f"CASE WHEN user_id = {ME} THEN true ELSE {mine} OR {ADMIN} END",
    )
    policy("memberships", "joined", "INSERT", check=mine)
    policy("memberships", "changed", "UPDATE", using=mine, check=mine)
    policy("memberships", "left_team", "DELETE", using=mine)


def wall_around_users() -> None:
    """Users see themselves and those they share a team with; tokens for a team are its members' to see."""
    raise_wall("users")
    shares = f"EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id AND m.team_id = ANY ({MINE}))"  # noqa: S608
    others = f"{INSTANCE} OR {shares} OR {ADMIN}"
    policy("users", "seen", "SELECT", using=f"CASE WHEN id = {ME} THEN true ELSE {others} END")
    policy("users", "registered", "INSERT", check=INSTANCE)
    # The function reads what was there before: nobody makes themselves an admin of the instance.
    own = f"id = {ME} AND (NOT is_admin OR {ADMIN}) OR {INSTANCE}"
    policy("users", "changed", "UPDATE", using=f"id = {ME} OR {INSTANCE}", check=own)

    raise_wall("api_tokens")
    known = f"user_id = {ME} OR team_id = ANY ({MINE}) OR {INSTANCE}"
    made = f"user_id = {ME} AND (team_id IS NULL OR team_id = ANY ({MINE})) OR {INSTANCE}"
    policy("api_tokens", "seen", "SELECT", using=known)
    policy("api_tokens", "made", "INSERT", check=made)
    policy("api_tokens", "changed", "UPDATE", using=known, check=known)
    policy("api_tokens", "removed", "DELETE", using=INSTANCE)


def wall_around_audit() -> None:
    """A team's record is its members' to read. Nobody changes it: there is neither a policy nor a right."""
    raise_wall("audit_entries")
    done = f"actor_id = {ME} AND (team_id IS NULL OR team_id = ANY ({MINE})) OR {INSTANCE}"
    policy("audit_entries", "seen", "SELECT", using=f"team_id = ANY ({MINE}) OR {INSTANCE}")
    policy("audit_entries", "written", "INSERT", check=done)


def make_search(schema: str) -> None:
    """
    The ids of a team's tasks that contain a text, from the index on texts.

    Behind a policy PostgreSQL compares no text by an index, lest an operator tell what it was compared with.
    This function's role has no policy on tasks, three columns of them, and no other way in.
    """
    run(f"GRANT SELECT (team_id, id, search_text) ON tasks TO {SEARCH}")
    run(f"GRANT SELECT (team_id, user_id) ON memberships TO {SEARCH}")
    run(f"CREATE POLICY searched ON tasks FOR SELECT TO {SEARCH} USING (true)")
    run(f"""CREATE FUNCTION taskcore_tasks_with_text(team uuid, pattern text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = {schema}, pg_temp AS $$ BEGIN
  IF team = ANY (taskcore_teams()) OR {INSTANCE} THEN
    RETURN QUERY SELECT t.id FROM tasks t WHERE t.team_id = team AND t.search_text LIKE pattern;
  END IF;
END $$""")  # noqa: S608  names of ours
    run("REVOKE EXECUTE ON FUNCTION taskcore_tasks_with_text FROM PUBLIC")
    run(f"GRANT EXECUTE ON FUNCTION taskcore_tasks_with_text TO {APP}")
    run(f"GRANT CREATE ON SCHEMA {schema} TO {SEARCH}")
    run(f"ALTER FUNCTION taskcore_tasks_with_text OWNER TO {SEARCH}")
    run(f"REVOKE CREATE ON SCHEMA {schema} FROM {SEARCH}")
