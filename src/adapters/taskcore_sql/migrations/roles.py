"""The roles of row-level security, as migrations need them: the app's, and the one that asks indexes on texts"""

from __future__ import annotations

from alembic import op

from taskcore.errors import Unavailable

APP = "taskcore_app"
SEARCH = "taskcore_search"
MAY_TAKE = "CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END"


def run(sql: str) -> str:
    """Run one statement; the first value of its answer, if it has one."""
    answer = op.get_bind().exec_driver_sql(sql)
    return str(answer.scalar()) if answer.returns_rows else ""


def have_roles() -> None:
    """
    Make the roles that nobody can sign in as, unless they are there, and let this user take them.

    Raises: Unavailable, saying what a superuser has to run, where this user may not.
    """
    wanting = [role for role in (APP, SEARCH) if not have_role(role)]
    if not wanting:
        return
    me = run("SELECT quote_ident(current_user)")
    made = [f"CREATE ROLE {role} NOLOGIN; " for role in wanting if not is_there(role)]
    given = [f"GRANT {role} TO {me}{to_be_given_up() if role == SEARCH else ''}; " for role in wanting]
    raise Unavailable(
        f"{me} may not make the roles of row-level security, or not take them: let a superuser run"
        f" `{''.join((*made, *given))}` once, and try again"
    )


def to_be_given_up() -> str:
    """How a role is had that shall be taken for a moment only: without its rights, or so that it can be revoked."""
    is_new = int(run("SHOW server_version_num")) >= 160000
    return " WITH INHERIT FALSE" if is_new else " WITH ADMIN OPTION"


def is_there(role: str) -> bool:
    return run(f"SELECT count(*) FROM pg_roles WHERE rolname = '{role}'") == "1"  # noqa: S608  names of ours


def have_role(role: str) -> bool:
    """Make one of them. Roles are the whole server's: another database may be at it this moment."""
    raced = "unique_violation OR duplicate_object"
    run(f"""DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
    BEGIN CREATE ROLE {role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
    EXCEPTION WHEN {raced} THEN NULL; END;
  END IF;
  IF NOT pg_has_role('{role}', {MAY_TAKE}) THEN
    BEGIN EXECUTE format('GRANT {role} TO %I', current_user);
    EXCEPTION WHEN {raced} THEN NULL; END;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN NULL; END $$""")  # noqa: S608  names of ours
    return run(f"SELECT pg_has_role(oid, {MAY_TAKE}) FROM pg_roles WHERE rolname = '{role}'") == "True"  # noqa: S608


def give_up_search() -> None:
    """The owner of the tables is behind the wall like everybody else, and so takes no role before it."""
    run(f"""DO $$ BEGIN
  EXECUTE format('REVOKE {SEARCH} FROM %I', current_user);
EXCEPTION WHEN insufficient_privilege THEN NULL; END $$""")
