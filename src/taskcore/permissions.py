"""Who may do what: one table, asked in the core, for every door.

`require` answers a command or the read of one thing; `scope` gives the same answer *as data* for
reads of many, so that a store can turn it into one statement. Both read `TABLE`.

Letters: A allowed · O only what is one's own · S only in projects shared with the guest · L only
on strictly lower roles · D refused (403) · H hidden (404) · U sign in first (401). Columns: owner,
admin, member, guest, outsider, instance admin, anonymous; then the condition, for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import attrs

from taskcore.errors import Forbidden, NotFound, Unauthenticated
from taskcore.values import Role, SessionId, TeamId, TokenId, UserId

COLUMNS = ("owner", "admin", "member", "guest", "outsider", "instance_admin", "anonymous")
TABLE = """
team.create                      A A A A A A U  any signed-in user; quota per user
team.list_own                    A A A A A A U  only teams where caller is active member
team.read                        A A A A H A U  instance_admin: metadata only (name, status, counts)
team.update                      A A D D H D U  name, slug, settings
team.delete                      A D D D H A U  instance_admin only when team is suspended; soft delete, purge after 30 d
team.transfer_ownership          A D D D H A U  target must be active admin/member; instance_admin only when team has 0 active owners
team.export                      A A D D H D U  async job; link TTL <= 15 min
team.suspend                     D D D D H A U  writes then 403 team_suspended
membership.list                  A A A A H A U  guest: display name + id only, no e-mail
membership.set_role_below_admin  A A D D H D U  target currently and afterwards member/guest
membership.set_role_admin        A D D D H D U  grant or revoke admin
membership.set_role_owner        A D D D H D U  grant or revoke owner; last_owner rule
membership.set_own_role          D D D D H D U  nobody changes the own role (403 own_role); leave instead
membership.remove_other          A L D D H D U  admin: member/guest only; last_owner rule
membership.leave                 A A A A H H U  last_owner rule: 409 last_owner
invitation.create                A L D D H D U  never for role owner; admin: member/guest only
invitation.list                  A A D D H D U
invitation.revoke                A L D D H D U  admin: invitations to member/guest
invitation.resend                A L D D H D U  invalidates the previous link
invitation.accept                O O O O O O U  verified e-mail equals invitation e-mail; single use; wrong/expired/used/foreign -> identical 404
invitation.decline               O O O O O O U  as accept
project.create                   A A A D H H U
project.list                     A A A S H H U  guest sees shared projects only
project.read                     A A A S H H U
project.update                   A A A D H H U  name, description, lead
project.archive                  A A O D H H U  own = creator or lead
project.delete                   A A D D H H U  soft delete
project.share_with_guest         A A D D H H U
task.create                      A A A D H H U
task.list                        A A A S H H U  also search, filter, count, export, aggregates
task.read                        A A A S H H U
task.update_own                  A A A D H H U  own = created_by caller
task.update_other                A A A D H H U
task.assign                      A A A D H H U  assignee must be active owner/admin/member of the team, else 422
task.move_project                A A A D H H U  needs task.update on source AND task.create on target; other team -> 404
task.delete_own                  A A A D H H U  soft delete
task.delete_other                A A D D H H U
task.restore                     A A O D H H U  own = deleted by caller
task.purge                       A D D D H H U
task.bulk                        A A A D H H U  each item judged alone; atomic: one refused item -> whole request refused
task.watch                       A A A S H H U
comment.create                   A A A S H H U
comment.read                     A A A S H H U
comment.update_own               A A A S H H U  edit history kept
comment.update_other             D D D D H H U  nobody edits another person's words
comment.delete_own               A A A S H H U
comment.delete_other             A A D D H H U  moderation, audited
attachment.create                A A A S H H U  size, type and quota limits
attachment.download              A A A S H H U  signed URL TTL <= 5 min, Content-Disposition: attachment
attachment.delete_own            A A A S H H U
attachment.delete_other          A A D D H H U
label.manage                     A A A D H H U
workflow.manage                  A A D D H H U  statuses, templates, automations
webhook.list                     A A D D H H U  secret never returned after creation
webhook.create                   A A D D H H U  SSRF policy applies
webhook.update                   A A D D H H U  URL re-validated
webhook.delete                   A A D D H H U
webhook.rotate_secret            A A D D H H U  old + new sign together for 24 h
webhook.read_deliveries          A A D D H H U
webhook.replay                   A A D D H H U  same webhook-id
api_token.create_own             A A A A H H U  scopes <= role; guest read scopes only; not callable with an API token (403)
api_token.list_own               O O O O O O U  prefix + last 4 only
api_token.revoke_own             O O O O O O U
api_token.list_team              A A D D H H U  metadata only
api_token.revoke_other           A L D D H H U  admin: tokens of member/guest
audit_log.read                   A A D D H H U  team log; instance_admin reads the instance log only
audit_log.export                 A D D D H H U
audit_log.write                  D D D D H D U  append-only: no route, no UPDATE/DELETE grant in the database
realtime.subscribe_team          A A A S H H U  same filter as task.list, re-checked on role change
job.read_own                     O O O O O O U  export/import jobs started by caller
user.read_self                   A A A A A A U
user.update_self                 A A A A A A U  e-mail/password need recent re-auth
user.delete_self                 A A A A A A U  409 last_owner with list of teams
session.list_own                 O O O O O O U
session.revoke_own               O O O O O O U
instance.user_list               D D D D D A U
instance.user_suspend            D D D D D A U  not oneself, not the last instance admin (409)
instance.user_force_logout       D D D D D A U
instance.team_list               D D D D D A U  metadata only
instance.settings                D D D D D A U
instance.audit_read              D D D D D A U
instance.impersonate             D D D D D D U  not offered
dependency.manage                A A A D H H U  both tasks in the same team
reminder.manage_own              A A A S H H U  a reminder belongs to one user
view.manage_own                  A A A S H H U  a shared view is changed by its owner or an admin
share_link.create                A A A D H H U  a public link to one attachment; revoked by its creator or an admin
schedule.read                    A A A S H H U  guest sees shared projects only
schedule.plan                    A A A D H H U  a preview changes nothing
schedule.apply                   A A A D H H U  writes planned dates of the team's tasks
calendar.manage_own              A A A D H H U  own working hours and time off
calendar.manage_team             A A D D H H U  the team's calendar and other members' capacity
task.claim                       A A A D H H U  assigns the next ready task to the caller
import.run                       A A D D H H U
ai.use                           A A A D H H U  within the caller's budget
event.read                       A A A S H H U  activity, events page, sockets: the same filter as task.list
notification.manage_own          O O O O O O U  inbox and preferences
share_link.use                   A A A A A A A  public: the token is the right; expiry, count, password and revocation decide
auth.sign_up_in_out              A A A A A A A  signup, login, refresh, reset: public, rate limited per IP
follower.manage                  A A A S H H U  others may be added by members; everyone may remove themselves
job.admin                        D D D D D A U  list, retry, drop dead jobs of the instance
"""


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """`TABLE` as action → column → letter."""
    rows = (line.split(None, len(COLUMNS) + 1) for line in TABLE.strip().splitlines())
    return {row[0]: dict(zip(COLUMNS, row[1:], strict=False)) for row in rows}


READS = frozenset(
    """team.list_own team.read membership.list invitation.list project.list project.read task.list task.read
    comment.read attachment.download webhook.list webhook.read_deliveries api_token.list_own
    api_token.list_team audit_log.read audit_log.export realtime.subscribe_team job.read_own user.read_self
    session.list_own instance.user_list instance.team_list instance.audit_read schedule.read event.read
    team.export""".split()
)
"""What changes nothing: a suspended team still allows it, and a token that may only read."""
ADMINISTRATION = frozenset(
    action
    for action in TABLE.split()
    if action.startswith(
        ("instance.", "invitation.", "membership.set_", "webhook.", "audit_log.", "job.admin")
    )
) | frozenset(
    """team.create team.update team.delete team.transfer_ownership team.suspend membership.remove_other
    project.share_with_guest task.purge workflow.manage api_token.list_team api_token.revoke_other
    calendar.manage_team import.run team.export""".split()
)
"""What runs a team or the instance: of tokens only those with the scope `admin` may."""
NEVER_BY_TOKEN = frozenset(
    """api_token.create_own membership.set_role_below_admin membership.set_role_admin
    membership.set_role_owner membership.set_own_role team.transfer_ownership user.delete_self
    session.list_own session.revoke_own instance.user_suspend instance.user_force_logout
    instance.settings""".split()
)
"""What could give a token's bearer more than the token does."""
SENSITIVE = frozenset(
    action
    for action in TABLE.split()
    if action.startswith(
        ("instance.", "invitation.", "membership.", "api_token.", "session.", "audit_log.", "team.")
    )
    and action not in READS
) | frozenset(
    """user.update_self user.delete_self project.share_with_guest task.purge comment.delete_other
    webhook.create webhook.update webhook.delete webhook.rotate_secret audit_log.export team.export job.admin
    import.run auth.sign_up_in_out""".split()
)
"""What is entered into the audit, granted or refused."""
FOR_EVERY_TOKEN = frozenset({"team.read", "team.list_own", "user.read_self", "api_token.revoke_own"})
DESPITE_SUSPENSION = frozenset({"membership.leave", "api_token.revoke_own", "api_token.revoke_other"})
"""Leaving, and taking back what may have leaked."""
NOT_IN_ONE_TEAM = frozenset(
    action
    for action in TABLE.split()
    if action.startswith(("instance.", "session.", "job.admin", "user.", "notification."))
) - {"user.read_self"} | frozenset(
    "team.create team.suspend invitation.accept invitation.decline api_token.list_own".split()
)
"""What is not about a team that one is in: a token for one team is not good for it."""

_SCOPED = {
    "task": "tasks",
    "dependency": "tasks",
    "follower": "tasks",
    "comment": "tasks",  # what hangs on one
    "project": "projects",
    "label": "projects",  # what a team sorts its tasks by
    "view": "tasks",  # a saved query over them
    "reminder": "tasks",
    "membership": "members",
    "event": "events",
    "realtime": "events",  # the same log, while it grows
}
"""The nouns that scopes know, by the first word of an action."""
SCOPES = (
    "read",
    "write",
    "admin",
    *(f"{noun}:{kind}" for noun in dict.fromkeys(_SCOPED.values()) for kind in ("read", "write")),
)
"""What a token may be good for: reading, writing (and reading) or all that the role gives; the first two
also of one noun alone."""


@attrs.frozen(slots=True)
class Actor:
    """
    Who acts, and by which credential.

    What a session or a token still allows is judged when it is used, like the role. An API token may
    be good for less than its user: for some `scopes` (None: for all that the role gives), in one team.
    """

    user_id: UserId
    session_id: SessionId | None = None
    token_id: TokenId | None = None
    scopes: frozenset[str] | None = None
    team_id: TeamId | None = None

    @property
    def may_write(self) -> bool:
        """Whether it is more than a token that may only read, or is good for some nouns alone."""
        return self.scopes is None or not self.scopes.isdisjoint({"write", "admin"})

    def has_scope(self, action: str) -> bool:
        return self.scopes is None or (
            action not in NEVER_BY_TOKEN
            and (self.team_id is None or action not in NOT_IN_ONE_TEAM)
            and (action in FOR_EVERY_TOKEN or not self.scopes.isdisjoint(_scopes_for(action)))
        )


@cache
def _scopes_for(action: str) -> frozenset[str]:
    """The scopes of which one is enough for an action."""
    if action in ADMINISTRATION:
        return frozenset({"admin"})
    noun = _SCOPED.get(action.partition(".")[0], "")
    enough = {"admin", "write", f"{noun}:write"}
    return frozenset(enough | {"read", f"{noun}:read"} if action in READS else enough)


@attrs.frozen(slots=True)
class Standing:
    """Who somebody is to one team at this moment; what a decision rests on."""

    actor: Actor
    team_id: TeamId | None = None
    role: Role | None = None
    active: bool = True
    """Whether the account is open, and the session or token not revoked."""
    is_admin: bool = False
    suspended: bool = False
    """Whether the team is: then nobody in it changes anything."""

    @property
    def user_id(self) -> UserId:
        return self.actor.user_id

    @property
    def column(self) -> str:
        if not self.active:
            return "anonymous"
        if self.role is not None:
            return self.role
        return "instance_admin" if self.runs_instance else "outsider"

    @property
    def runs_instance(self) -> bool:
        """Whether they run the instance; by a token that is good in one team only nobody does."""
        return self.is_admin and self.actor.team_id is None


def require(
    standing: Standing, action: str, what: str, *, own: bool = True, shared: bool = True, lower: bool = True
) -> None:
    """
    Return if the action is allowed, else raise what the caller may know.

    `what` names the thing as the caller named it ("task PLAT-42"): for somebody who may not see it
    the message is that of a thing which never was. `own`, `shared` and `lower` say whether the
    thing is the caller's own, lies in a project shared with them, is of a strictly lower role;
    each counts only where the table has O, S or L. Allowed is what the role, the token's scopes and
    the team's state all allow.

    Raises: Unauthenticated, NotFound, Forbidden.
    """
    letter = table()[action][standing.column]
    if letter == "A" or (letter == "O" and own) or (letter == "S" and shared) or (letter == "L" and lower):
        if not standing.actor.has_scope(action):
            message = f"this token is not good for {action}"
            raise refused(standing, action, message, "insufficient_scope", what=what)
        if standing.suspended and standing.role and action not in READS | DESPITE_SUSPENSION:
            message = "the team is suspended: it can be read, and nothing in it changed"
            raise refused(standing, action, message, "team_suspended", what=what)
        return
    if letter == "U":
        raise signed_out()
    if letter in "HS":
        raise missing(what)
    raise refused(standing, action, f"you may not do this: {action} on {what}", what=what)


def refused(
    standing: Standing, action: str, message: str, code: str | None = None, *, what: str | None = None
) -> Forbidden:
    """The error of an action that somebody who sees the thing lacks the right to."""
    error = Forbidden(message, code=code, action=action)
    error.team_id, error.what = standing.team_id, what
    return error


def missing(what: str) -> NotFound:
    """The one answer for what is not there and for what the caller may not know of."""
    return NotFound(f"no such {what}")


def signed_out() -> Unauthenticated:
    return Unauthenticated("sign in first: this account, session or token is unknown, disabled or revoked")


@attrs.frozen(slots=True)
class Scope:
    """What somebody may read, as data: all of the teams where their role is in `whole`, and what
    lies in projects shared with them in the teams where it is in `shared`."""

    actor: Actor
    whole: frozenset[Role]
    shared: frozenset[Role]

    @property
    def user_id(self) -> UserId:
        return self.actor.user_id

    def permits(self, role: Role | None, *, shared: bool) -> bool:
        return role in self.whole or (shared and role in self.shared)


@cache
def _roles(action: str, letter: str) -> frozenset[Role]:
    return frozenset(role for role in Role if table()[action][role] == letter)


def scope(actor: Actor, action: str) -> Scope:
    """What `actor` may do `action` to. Raises: Forbidden, where their token is good for none of it."""
    if not actor.has_scope(action):
        raise refused(Standing(actor), action, f"this token is not good for {action}", "insufficient_scope")
    return Scope(actor, whole=_roles(action, "A"), shared=_roles(action, "S"))
