"""Rows about accounts, what proves them, and whoever runs the instance."""

from __future__ import annotations

from tests.security.rows_of_sagas import ALL, MINE
from tests.security.ways import HIDDEN, SIGNED_OUT, Entry, Http, wide

NEW_PASSWORD = "battery staple horse"
KNOWN = ("owner", "admin", "member", "guest", "outsider", "instance admin", "signed out")

PEOPLE: dict[str, Entry] = {
    "user.read_self": (wide(lambda me, _: me.me.get(), Http("GET", "/v1/me"), ("me", "show")),),
    "user.update_self": (
        wide(
            lambda me, _: me.me.edit(name="New"),
            Http("PATCH", "/v1/me", {"name": "New"}),
            ("me", "edit", "--name", "New"),
        ),
        wide(
            lambda me, s: me.me.edit(email=s["fresh_email"], current=s["password"]),
            Http("PATCH", "/v1/me", {"email": "{fresh_email}", "current": "{password}"}),
            ("me", "edit", "--email", "{fresh_email}", "--password-stdin"),
            "{password}",
            never_by_token=True,
        ),
        wide(
            lambda me, s: me.me.change_password(s["password"], NEW_PASSWORD),
            Http("POST", "/v1/auth/password", {"current": "{password}", "password": NEW_PASSWORD}),
            ("me", "password", "--password-stdin"),
            "{password}\n" + NEW_PASSWORD,
            never_by_token=True,
        ),
        wide(
            lambda me, _: me.me.request_verification(),
            Http("POST", "/v1/me/verify-email"),
            ("me", "verify"),
            entered=None,
            idle=True,  # everybody's address is verified here
        ),
    ),
    "user.delete_self": (
        wide(lambda me, _: me.me.delete(), Http("DELETE", "/v1/me"), ("me", "delete", "--yes")),
    ),
    "session.list_own": (
        wide(lambda me, _: me.sessions.list(), Http("GET", "/v1/me/sessions"), ("me", "sessions")),
    ),
    "session.revoke_own": (
        wide(
            lambda me, s: me.sessions.revoke(s["other_session"]),
            Http("DELETE", "/v1/me/sessions/{other_session}"),
            ("me", "revoke", "{other_session}"),
        ),
        wide(
            lambda me, s: me.sessions.revoke(s["foreign_session"]),
            Http("DELETE", "/v1/me/sessions/{foreign_session}"),
            ("me", "revoke", "{foreign_session}"),
            own=False,
            not_own=HIDDEN,
        ),
    ),
    "api_token.create_own": (
        wide(
            lambda me, s: me.tokens.create("New", team=s["team"]),
            Http("POST", "/v1/me/tokens", {"name": "New", "team_id": "{team}"}),
            ("token", "create", "New", "--team", "{team}"),
            needs=("team.read",),
        ),
    ),
    "api_token.list_own": (
        wide(lambda me, _: me.tokens.list(), Http("GET", "/v1/me/tokens"), ("token", "list")),
    ),
    "api_token.revoke_own": (
        wide(
            lambda me, s: me.tokens.revoke(s["own_token"]),
            Http("DELETE", "/v1/me/tokens/{own_token}"),
            ("token", "revoke", "{own_token}"),
            never_by_token=True,  # but itself
        ),
        wide(
            lambda me, s: me.tokens.revoke(s["foreign_token"]),
            Http("DELETE", "/v1/me/tokens/{foreign_token}"),
            ("token", "revoke", "{foreign_token}"),
            own=False,
            not_own=HIDDEN,
        ),
    ),
    "auth.sign_up_in_out": (
        wide(
            lambda _, s: s.core.auth.sign_up(s["fresh_email"], name="New", password=s["password"]),
            Http(
                "POST", "/v1/auth/signup", {"email": "{fresh_email}", "name": "New", "password": "{password}"}
            ),
            elsewhere=True,
            entered=None,  # by somebody who was not there before
        ),
        wide(
            lambda _, s: s.core.auth.sign_in(s.me.email, s["password"]),
            Http("POST", "/v1/auth/login", {"email": "{me_email}", "password": "{password}"}),
            unless={"shut out": SIGNED_OUT},
            code="wrong_credentials",
        ),
        wide(
            lambda _, s: s.core.auth.refresh(s["refresh"]),
            Http("POST", "/v1/auth/refresh", {"refresh_token": "{refresh}"}),
            unless={"shut out": SIGNED_OUT},
            code="invalid_refresh_token",
            entered=None,
        ),
        wide(
            lambda _, s: s.core.auth.sign_out(s["refresh"]),
            Http("POST", "/v1/auth/logout", {"refresh_token": "{refresh}"}),
        ),
        wide(
            lambda _, s: s.core.auth.request_reset(s.me.email),
            Http("POST", "/v1/auth/password-reset", {"email": "{me_email}"}),
            entered=None,
            elsewhere=True,
        ),
        wide(
            lambda _, s: s.core.auth.reset(s["reset"], NEW_PASSWORD),
            Http("POST", "/v1/auth/password-reset/confirm", {"token": "{reset}", "password": NEW_PASSWORD}),
            callers=KNOWN,
            entered="user.update_self",
        ),
        wide(
            lambda _, s: s.core.auth.verify_email(s["verification"]),
            Http("POST", "/v1/auth/verify-email", {"token": "{verification}"}),
            callers=KNOWN,
            entered="user.update_self",
        ),
    ),
}

INSTANCE: dict[str, Entry] = {
    "instance.user_list": (
        wide(lambda me, _: me.instance.users(), Http("GET", "/v1/instance/users"), ("instance", "users")),
        wide(
            lambda me, s: me.instance.get_user(s["other_member"]),
            Http("GET", "/v1/instance/users/{other_member}"),
            ("instance", "show", "{other_member_email}"),
        ),
    ),
    "instance.user_suspend": (
        wide(
            lambda me, s: me.instance.edit_user(s["other_member"], disabled=True),
            Http("PATCH", "/v1/instance/users/{other_member}", {"disabled": True}),
            ("instance", "edit", "{other_member_email}", "--disable"),
        ),
    ),
    "instance.user_force_logout": (
        wide(
            lambda me, s: me.instance.log_out(s["foreigner"]),
            Http("POST", "/v1/instance/users/{foreigner}/logout"),
            ("instance", "logout", "{foreigner_email}"),
        ),
    ),
    "instance.team_list": (
        wide(lambda me, _: me.instance.teams(), Http("GET", "/v1/instance/teams"), ("instance", "teams")),
    ),
    "instance.audit_read": (
        wide(lambda me, _: me.instance.audit(), Http("GET", "/v1/instance/audit"), ("instance", "audit")),
    ),
}

JOBS: dict[str, Entry] = {
    "job.read_own": (
        *MINE,
        wide(lambda me, _: me.jobs.list(), Http("GET", "/v1/me/jobs"), ("me", "jobs")),
        wide(
            lambda me, s: me.jobs.get(s["own_job"]),
            Http("GET", "/v1/me/jobs/{own_job}"),
            ("me", "job", "{own_job}"),
        ),
        wide(
            lambda me, s: me.jobs.get(s["job"]),
            Http("GET", "/v1/me/jobs/{job}"),
            ("me", "job", "{job}"),
            own=False,
            not_own=HIDDEN,
        ),
        wide(
            lambda me, s: me.jobs.cancel(s["own_job"]),
            Http("POST", "/v1/me/jobs/{own_job}/cancel"),
            ("me", "cancel", "{own_job}"),
            marks=True,
            writes=True,
        ),
        wide(
            lambda me, s: me.jobs.cancel(s["job"]),
            Http("POST", "/v1/me/jobs/{job}/cancel"),
            ("me", "cancel", "{job}"),
            own=False,
            not_own=HIDDEN,
        ),
        wide(
            lambda me, s: me.reports.file(s["job"]),
            Http("GET", "/v1/me/jobs/{job}/file"),
            own=False,
            not_own=HIDDEN,
        ),
    ),
    "job.admin": (
        *ALL,
        wide(
            lambda me, _: me.instance_jobs.list(),
            Http("GET", "/v1/instance/jobs"),
            entered=None,
            idle=True,
        ),
        wide(
            lambda me, s: me.instance_jobs.get(s["job"]),
            Http("GET", "/v1/instance/jobs/{job}"),
            entered=None,
            idle=True,
        ),
        wide(
            lambda me, _: me.instance_jobs.schedules(),
            Http("GET", "/v1/instance/job-schedules"),
            entered=None,
            idle=True,
        ),
        wide(
            lambda me, s: me.instance_jobs.retry(s["dead_job"]),
            Http("POST", "/v1/instance/jobs/{dead_job}/retry"),
        ),
        wide(
            lambda me, s: me.instance_jobs.cancel(s["job"]),
            Http("POST", "/v1/instance/jobs/{job}/cancel"),
        ),
        wide(
            lambda me, s: me.instance_jobs.drop(s["dead_job"]),
            Http("DELETE", "/v1/instance/jobs/{dead_job}"),
        ),
        wide(
            lambda me, s: me.instance_jobs.retry_all(team=s["team"]),
            Http("POST", "/v1/instance/jobs/retry", {"team": "{team}"}),
        ),
        wide(
            lambda me, s: me.instance_jobs.drop_all(team=s["team"]),
            Http("POST", "/v1/instance/jobs/drop", {"team": "{team}"}),
        ),
    ),
}
