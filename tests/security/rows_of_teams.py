"""Rows about teams, and who is in them."""

from __future__ import annotations

from datetime import date

from taskcore.values import Role
from tests.security.scene import DAY_OFF
from tests.security.ways import FORBIDDEN, HIDDEN, Entry, Http, wide

TEAM = ("team.read",)
MEMBER = ("team.read", "membership.list")
INVITATION = ("team.read", "invitation.list")
DAY = date(2026, 12, 28)
NOBODY = dict.fromkeys(("owner", "admin", "member", "guest", "guest of nothing"), FORBIDDEN)

TEAMS: dict[str, Entry] = {
    "team.create": (
        wide(
            lambda me, s: me.teams.create("New", key=s["fresh_key"]),
            Http("POST", "/v1/teams", {"name": "New", "key": "{fresh_key}"}),
            ("team", "create", "New", "--key", "{fresh_key}"),
            elsewhere=True,
        ),
    ),
    "team.list_own": (
        wide(lambda me, _: me.teams.list(), Http("GET", "/v1/teams"), ("team", "list")),
        wide(
            lambda me, _: me.views.mine(),
            Http("GET", "/v1/me/views"),
            needs=("task.list",),
        ),
    ),
    "team.read": (
        wide(
            lambda me, s: me.teams.get(s["team"]), Http("GET", "/v1/teams/{team}"), ("team", "show", "{team}")
        ),
    ),
    "team.update": (
        wide(
            lambda me, s: me.teams.edit(s["team"], name="New"),
            Http("PATCH", "/v1/teams/{team}", {"name": "New"}),
            ("team", "edit", "{team}", "--name", "New"),
            needs=TEAM,
        ),
    ),
    "team.delete": (
        wide(
            lambda me, s: me.teams.delete(s["team"]),
            Http("DELETE", "/v1/teams/{team}"),
            ("team", "rm", "{team}", "--yes"),
            needs=TEAM,
            by_instance=True,
            unless={"instance admin": FORBIDDEN},
        ),
        wide(
            lambda me, s: me.teams.delete(s["team"]),
            Http("DELETE", "/v1/teams/{team}"),
            ("team", "rm", "{team}", "--yes"),
            needs=TEAM,
            by_instance=True,
            suspended=True,
            callers=("instance admin", "outsider"),
        ),
        wide(
            lambda me, s: me.teams.restore(s["team"]),
            Http("POST", "/v1/teams/{team}/restore"),
            ("team", "restore", "{team}"),
            needs=TEAM,
            idle=True,
        ),
    ),
    "team.transfer_ownership": (
        wide(
            lambda me, s: me.members.transfer(s["team"], s["other_member"]),
            Http("POST", "/v1/teams/{team}/transfer", {"user_id": "{other_member}"}),
            ("team", "transfer", "{team}", "{other_member_email}", "--yes"),
            needs=MEMBER,
            unless={"instance admin": FORBIDDEN},
        ),
        wide(
            lambda me, s: me.members.transfer(s["team"], s["other_member"]),
            Http("POST", "/v1/teams/{team}/transfer", {"user_id": "{other_member}"}),
            ("team", "transfer", "{team}", "{other_member_email}", "--yes"),
            needs=MEMBER,
            ownerless=True,
            callers=("instance admin", "admin", "outsider"),
        ),
    ),
    "team.export": (
        wide(lambda me, s: me.teams.export(s["team"]), words=("export", "--team", "{team}"), needs=TEAM),
        wide(
            lambda me, s: me.exports.page(s["team"]),
            Http("GET", "/v1/teams/{team}/export"),
            words=("export", "--format", "ndjson", "--team", "{team}"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.exports.rows(s["team"]),
            Http("GET", "/v1/teams/{team}/export?format=csv"),
            words=("export", "--format", "csv", "--team", "{team}"),
            needs=TEAM,
        ),
    ),
    "team.suspend": (
        wide(
            lambda me, s: me.teams.suspend(s["team"]),
            Http("POST", "/v1/teams/{team}/suspend"),
            ("team", "suspend", "{team}"),
            needs=TEAM,
            by_instance=True,
        ),
        wide(
            lambda me, s: me.teams.unsuspend(s["team"]),
            Http("POST", "/v1/teams/{team}/unsuspend"),
            ("team", "unsuspend", "{team}"),
            needs=TEAM,
            by_instance=True,
            suspended=True,
        ),
    ),
    "membership.list": (
        wide(
            lambda me, s: me.members.list(s["team"]),
            Http("GET", "/v1/teams/{team}/members"),
            ("team", "members", "{team}"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.calendars.get(s["team"]),
            Http("GET", "/v1/teams/{team}/calendar"),
            ("calendar", "show", "--team", "{team}"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.calendars.get_member(s["team"], s["other_member"]),
            Http("GET", "/v1/teams/{team}/members/{other_member}/calendar"),
            needs=TEAM,
            unless=dict.fromkeys(("guest", "guest of nothing", "instance admin"), FORBIDDEN),
        ),
    ),
    "membership.set_role_below_admin": (
        wide(
            lambda me, s: me.members.edit(s["team"], s["other_member"], role=Role.GUEST),
            Http("PATCH", "/v1/teams/{team}/members/{other_member}", {"role": "guest"}),
            ("team", "role", "{team}", "{other_member_email}", "guest"),
            needs=MEMBER,
        ),
        wide(
            lambda me, s: me.members.edit(s["team"], s["other_guest"], role=Role.MEMBER),
            Http("PATCH", "/v1/teams/{team}/members/{other_guest}", {"role": "member"}),
            ("team", "role", "{team}", "{other_guest_email}", "member"),
            needs=MEMBER,
        ),
    ),
    "membership.set_role_admin": (
        wide(
            lambda me, s: me.members.edit(s["team"], s["other_member"], role=Role.ADMIN),
            Http("PATCH", "/v1/teams/{team}/members/{other_member}", {"role": "admin"}),
            ("team", "role", "{team}", "{other_member_email}", "admin"),
            needs=(*MEMBER, "membership.set_role_below_admin"),
        ),
        wide(
            lambda me, s: me.members.edit(s["team"], s["other_admin"], role=Role.GUEST),
            Http("PATCH", "/v1/teams/{team}/members/{other_admin}", {"role": "guest"}),
            ("team", "role", "{team}", "{other_admin_email}", "guest"),
            needs=(*MEMBER, "membership.set_role_below_admin"),
        ),
    ),
    "membership.set_role_owner": (
        wide(
            lambda me, s: me.members.edit(s["team"], s["other_member"], role=Role.OWNER),
            Http("PATCH", "/v1/teams/{team}/members/{other_member}", {"role": "owner"}),
            ("team", "role", "{team}", "{other_member_email}", "owner"),
            needs=(*MEMBER, "membership.set_role_below_admin"),
        ),
        wide(
            lambda me, s: me.members.edit(s["team"], s["other_owner"], role=Role.MEMBER),
            Http("PATCH", "/v1/teams/{team}/members/{other_owner}", {"role": "member"}),
            ("team", "role", "{team}", "{other_owner_email}", "member"),
            needs=(*MEMBER, "membership.set_role_below_admin"),
        ),
    ),
    "membership.set_own_role": (
        wide(
            lambda me, s: me.members.edit(s["team"], s["me"], role=Role.MEMBER),
            Http("PATCH", "/v1/teams/{team}/members/me", {"role": "member"}),
            ("team", "role", "{team}", "{me_email}", "member"),
            needs=MEMBER,
            unless={"instance admin": HIDDEN},  # who has no role there has none to change
            code="own_role",
        ),
    ),
    "membership.remove_other": (
        wide(
            lambda me, s: me.members.remove(s["team"], s["other_member"]),
            Http("DELETE", "/v1/teams/{team}/members/{other_member}"),
            ("team", "remove", "{team}", "{other_member_email}"),
            needs=MEMBER,
        ),
        wide(
            lambda me, s: me.members.remove(s["team"], s["other_admin"]),
            Http("DELETE", "/v1/teams/{team}/members/{other_admin}"),
            ("team", "remove", "{team}", "{other_admin_email}"),
            needs=MEMBER,
            lower=False,
        ),
        wide(
            lambda me, s: me.members.remove(s["team"], s["other_owner"]),
            Http("DELETE", "/v1/teams/{team}/members/{other_owner}"),
            ("team", "remove", "{team}", "{other_owner_email}"),
            needs=MEMBER,
            lower=False,
        ),
    ),
    "membership.leave": (
        wide(
            lambda me, s: me.members.leave(s["team"]),
            Http("DELETE", "/v1/teams/{team}/members/me"),
            ("team", "remove", "{team}", "me"),
            needs=MEMBER,
        ),
        wide(words=("team", "leave", "{team}")),
    ),
    "calendar.manage_own": (
        wide(
            lambda me, s: me.members.edit(s["team"], s["me"], capacity_minutes_per_day=300),
            Http("PATCH", "/v1/teams/{team}/members/me", {"capacity_minutes_per_day": 300}),
            needs=MEMBER,
        ),
        wide(
            lambda me, s: me.calendars.put_member(s["team"], s["me"], {"units": 0.5}),
            Http("PUT", "/v1/teams/{team}/members/me/calendar", {"units": 0.5}),
            needs=MEMBER,
        ),
        wide(
            lambda me, s: me.calendars.add_time_off(s["team"], s["me"], DAY),
            words=("calendar", "add-time-off", str(DAY), "--team", "{team}"),
            needs=MEMBER,
        ),
        wide(
            lambda me, s: me.calendars.remove_time_off(s["team"], s["me"], DAY_OFF),
            words=("calendar", "rm-time-off", str(DAY_OFF), "--team", "{team}"),
            needs=MEMBER,
        ),
    ),
    "calendar.manage_team": (
        wide(
            lambda me, s: me.members.edit(s["team"], s["other_member"], capacity_minutes_per_day=300),
            Http("PATCH", "/v1/teams/{team}/members/{other_member}", {"capacity_minutes_per_day": 300}),
            needs=MEMBER,
        ),
        wide(
            lambda me, s: me.calendars.put(s["team"], {"hours": {"mon": ["09:00-12:00"]}}),
            Http("PUT", "/v1/teams/{team}/calendar", {"hours": {"mon": ["09:00-12:00"]}}),
            ("calendar", "set", "--team", "{team}", "--hours", "mon 09:00-12:00"),
            needs=MEMBER,
        ),
        wide(
            lambda me, s: me.calendars.put_member(s["team"], s["other_member"], {"units": 0.5}),
            Http("PUT", "/v1/teams/{team}/members/{other_member}/calendar", {"units": 0.5}),
            needs=MEMBER,
        ),
        wide(
            lambda me, s: me.calendars.add_time_off(s["team"], s["other_member"], DAY),
            words=("calendar", "add-holiday", str(DAY), "--team", "{team}"),
            needs=MEMBER,
        ),
        wide(
            lambda me, s: me.calendars.remove_time_off(s["team"], s["other_member"], DAY_OFF),
            words=("calendar", "rm-holiday", str(DAY_OFF), "--team", "{team}"),
            needs=MEMBER,
        ),
    ),
    "invitation.create": (
        wide(
            lambda me, s: me.invitations.create(s["team"], s["fresh_email"], Role.MEMBER),
            Http("POST", "/v1/teams/{team}/invitations", {"email": "{fresh_email}", "role": "member"}),
            ("team", "invite", "{team}", "{fresh_email}", "--role", "member"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.invitations.create(s["team"], s["fresh_email"], Role.ADMIN),
            Http("POST", "/v1/teams/{team}/invitations", {"email": "{fresh_email}", "role": "admin"}),
            ("team", "invite", "{team}", "{fresh_email}", "--role", "admin"),
            needs=TEAM,
            lower=False,
            never_by_token=True,
        ),
        wide(
            lambda me, s: me.invitations.create(s["team"], s["fresh_email"], Role.OWNER),
            Http("POST", "/v1/teams/{team}/invitations", {"email": "{fresh_email}", "role": "owner"}),
            ("team", "invite", "{team}", "{fresh_email}", "--role", "owner"),
            needs=TEAM,
            unless=NOBODY,
        ),
    ),
    "invitation.list": (
        wide(
            lambda me, s: me.invitations.list(s["team"]),
            Http("GET", "/v1/teams/{team}/invitations"),
            ("team", "invitations", "{team}"),
            needs=TEAM,
        ),
    ),
    "invitation.revoke": (
        wide(
            lambda me, s: me.invitations.revoke(s["team"], s["asked_member"]),
            Http("DELETE", "/v1/teams/{team}/invitations/{asked_member}"),
            ("team", "revoke", "{team}", "{asked_member}"),
            needs=INVITATION,
        ),
        wide(
            lambda me, s: me.invitations.revoke(s["team"], s["asked_admin"]),
            Http("DELETE", "/v1/teams/{team}/invitations/{asked_admin}"),
            ("team", "revoke", "{team}", "{asked_admin}"),
            needs=INVITATION,
            lower=False,
        ),
    ),
    "invitation.resend": (
        wide(
            lambda me, s: me.invitations.resend(s["team"], s["asked_member"]),
            Http("POST", "/v1/teams/{team}/invitations/{asked_member}/resend"),
            ("team", "resend", "{team}", "{asked_member}"),
            needs=INVITATION,
        ),
        wide(
            lambda me, s: me.invitations.resend(s["team"], s["asked_admin"]),
            Http("POST", "/v1/teams/{team}/invitations/{asked_admin}/resend"),
            ("team", "resend", "{team}", "{asked_admin}"),
            needs=INVITATION,
            lower=False,
        ),
    ),
    "invitation.accept": (
        wide(
            lambda me, s: me.invitations.accept(s["own_ticket"]),
            Http("POST", "/v1/invitations/accept", {"token": "{own_ticket}"}),
            ("team", "accept", "{own_ticket}"),
        ),
        wide(
            lambda me, s: me.invitations.accept(s["foreign_ticket"]),
            Http("POST", "/v1/invitations/accept", {"token": "{foreign_ticket}"}),
            ("team", "accept", "{foreign_ticket}"),
            own=False,
            not_own=HIDDEN,
        ),
    ),
    "invitation.decline": (
        wide(
            lambda me, s: me.invitations.decline(s["own_ticket"]),
            Http("POST", "/v1/invitations/decline", {"token": "{own_ticket}"}),
            ("team", "decline", "{own_ticket}"),
        ),
        wide(
            lambda me, s: me.invitations.decline(s["foreign_ticket"]),
            Http("POST", "/v1/invitations/decline", {"token": "{foreign_ticket}"}),
            ("team", "decline", "{foreign_ticket}"),
            own=False,
            not_own=HIDDEN,
        ),
    ),
    "audit_log.read": (
        wide(
            lambda me, s: me.audit.list(s["team"]),
            Http("GET", "/v1/teams/{team}/audit"),
            ("team", "audit", "{team}"),
            needs=TEAM,
        ),
    ),
    "audit_log.export": (
        wide(
            lambda me, s: me.audit.export(s["team"]),
            Http("GET", "/v1/teams/{team}/audit/export"),
            ("team", "audit", "{team}", "--export"),
            needs=TEAM,
        ),
    ),
    "api_token.list_team": (
        wide(
            lambda me, s: me.tokens.list_team(s["team"]),
            Http("GET", "/v1/teams/{team}/tokens"),
            ("token", "list", "--team", "{team}"),
            needs=TEAM,
        ),
    ),
    "api_token.revoke_other": (
        wide(
            lambda me, s: me.tokens.revoke_other(s["team"], s["member_token"]),
            Http("DELETE", "/v1/teams/{team}/tokens/{member_token}"),
            ("token", "revoke", "{member_token}", "--team", "{team}"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.tokens.revoke_other(s["team"], s["admin_token"]),
            Http("DELETE", "/v1/teams/{team}/tokens/{admin_token}"),
            ("token", "revoke", "{admin_token}", "--team", "{team}"),
            needs=TEAM,
            lower=False,
        ),
    ),
}
