"""
Which request stands for which use case. What an argument is called in the core it is called over HTTP:
in the path where it stands there, else in the query of a GET and in the body of anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from taskcore.delivery.notifications import Notifications
from taskcore.delivery.webhooks import Webhooks
from taskcore.identity.api import Me
from taskcore.identity.auth import Auth
from taskcore.identity.credentials import Sessions, Tokens
from taskcore.identity.instance import Audit, Instance
from taskcore.jobs.api import InstanceJobs, Jobs
from taskcore.planning.api import Schedules
from taskcore.sagas.api import Sagas
from taskcore.status.api import StatusReports
from taskcore.tasks.api import Tasks
from taskcore.tasks.comments import Comments
from taskcore.tasks.dependencies import Dependencies, Followers
from taskcore.tasks.log import Events
from taskcore.tasks.reminders import Reminders
from taskcore.tasks.views import Views
from taskcore.teams.api import Teams
from taskcore.teams.invitations import Invitations
from taskcore.teams.members import Members
from taskcore.teams.projects import Labels, Projects
from taskcore.teams.working_time import Calendars
from taskcore.watching.escalations import Escalations


@attrs.frozen
class Route:
    """One request; `{name}` in its path is the argument of that name."""

    method: str
    path: str
    sets: Mapping[str, Any] = attrs.field(factory=dict, kw_only=True)
    """What its body says besides the arguments."""
    calls: Mapping[str, str] = attrs.field(factory=dict, kw_only=True)
    """Arguments that have another name there."""
    whole: str | None = attrs.field(default=None, kw_only=True)
    """The argument that is its body."""
    public: bool = attrs.field(default=False, kw_only=True)
    """Whether it is asked without saying who asks."""
    then: str | None = attrs.field(default=None, kw_only=True)
    """The use case that reads what this one returns, where its answer is empty."""


OF_TEAM = {"team": "team_id"}
OF_DAYS = {"first_day": "from", "last_day": "to"}
NOUNS: Mapping[str, type[Any]] = {
    "auth": Auth,
    "me": Me,
    "sessions": Sessions,
    "tokens": Tokens,
    "teams": Teams,
    "members": Members,
    "calendars": Calendars,
    "invitations": Invitations,
    "audit": Audit,
    "projects": Projects,
    "labels": Labels,
    "tasks": Tasks,
    "dependencies": Dependencies,
    "followers": Followers,
    "comments": Comments,
    "reminders": Reminders,
    "views": Views,
    "notifications": Notifications,
    "webhooks": Webhooks,
    "escalations": Escalations,
    "schedule": Schedules,
    "reports": StatusReports,
    "events": Events,
    "jobs": Jobs,
    "instance": Instance,
    "instance_jobs": InstanceJobs,
    "sagas": Sagas,
}
ROUTES: Mapping[str, Route] = {
    "auth.verify_email": Route("POST", "/v1/auth/verify-email", public=True),
    "me.get": Route("GET", "/v1/me"),
    "me.edit": Route("PATCH", "/v1/me"),
    "me.change_password": Route("POST", "/v1/auth/password"),
    "me.request_verification": Route("POST", "/v1/me/verify-email"),
    "me.delete": Route("DELETE", "/v1/me"),
    "sessions.list": Route("GET", "/v1/me/sessions"),
    "sessions.revoke": Route("DELETE", "/v1/me/sessions/{session}"),
    "tokens.create": Route("POST", "/v1/me/tokens", calls=OF_TEAM),
    "tokens.list": Route("GET", "/v1/me/tokens"),
    "tokens.revoke": Route("DELETE", "/v1/me/tokens/{token}"),
    "tokens.list_team": Route("GET", "/v1/teams/{team}/tokens"),
    "tokens.revoke_other": Route("DELETE", "/v1/teams/{team}/tokens/{token}"),
    "teams.create": Route("POST", "/v1/teams"),
    "teams.list": Route("GET", "/v1/teams"),
    "teams.get": Route("GET", "/v1/teams/{team}"),
    "teams.edit": Route("PATCH", "/v1/teams/{team}"),
    "teams.delete": Route("DELETE", "/v1/teams/{team}"),
    "teams.restore": Route("POST", "/v1/teams/{team}/restore"),
    "teams.suspend": Route("POST", "/v1/teams/{team}/suspend"),
    "teams.unsuspend": Route("POST", "/v1/teams/{team}/unsuspend"),
    "members.list": Route("GET", "/v1/teams/{team}/members"),
    "members.edit": Route("PATCH", "/v1/teams/{team}/members/{user}"),
    "members.remove": Route("DELETE", "/v1/teams/{team}/members/{user}"),
    "members.leave": Route("DELETE", "/v1/teams/{team}/members/me"),
    "members.transfer": Route("POST", "/v1/teams/{team}/transfer", calls={"user": "user_id"}),
    "calendars.get": Route("GET", "/v1/teams/{team}/calendar", calls=OF_DAYS),
    "calendars.put": Route("PUT", "/v1/teams/{team}/calendar", whole="calendar"),
    "calendars.get_member": Route("GET", "/v1/teams/{team}/members/{user}/calendar", calls=OF_DAYS),
    "calendars.put_member": Route("PUT", "/v1/teams/{team}/members/{user}/calendar", whole="calendar"),
    "invitations.create": Route("POST", "/v1/teams/{team}/invitations"),
    "invitations.resend": Route("POST", "/v1/teams/{team}/invitations/{invitation}/resend"),
    "invitations.list": Route("GET", "/v1/teams/{team}/invitations"),
    "invitations.revoke": Route("DELETE", "/v1/teams/{team}/invitations/{invitation}"),
    "invitations.accept": Route("POST", "/v1/invitations/accept"),
    "invitations.decline": Route("POST", "/v1/invitations/decline"),
    "audit.list": Route("GET", "/v1/teams/{team}/audit"),
    "audit.export": Route("GET", "/v1/teams/{team}/audit/export"),
    "projects.create": Route("POST", "/v1/teams/{team}/projects"),
    "projects.list": Route("GET", "/v1/teams/{team}/projects"),
    "projects.get": Route("GET", "/v1/projects/{project}"),
    "projects.edit": Route("PATCH", "/v1/projects/{project}"),
    "projects.delete": Route("DELETE", "/v1/projects/{project}"),
    "projects.share": Route("PUT", "/v1/projects/{project}/guests/{guest}"),
    "projects.unshare": Route("DELETE", "/v1/projects/{project}/guests/{guest}", then="projects.get"),
    "labels.create": Route("POST", "/v1/teams/{team}/labels"),
    "labels.list": Route("GET", "/v1/teams/{team}/labels"),
    "labels.get": Route("GET", "/v1/labels/{label}"),
    "labels.edit": Route("PATCH", "/v1/labels/{label}"),
    "labels.delete": Route("DELETE", "/v1/labels/{label}"),
    "reports.status": Route("POST", "/v1/teams/{team}/reports"),
    "schedule.get": Route("GET", "/v1/teams/{team}/schedule"),
    "schedule.plan": Route("POST", "/v1/teams/{team}/schedule/plan"),
    "tasks.create": Route("POST", "/v1/tasks", calls=OF_TEAM),
    "tasks.list": Route("GET", "/v1/tasks"),
    "tasks.get": Route("GET", "/v1/tasks/{task}"),
    "tasks.edit": Route("PATCH", "/v1/tasks/{task}"),
    "tasks.complete": Route("PATCH", "/v1/tasks/{task}", sets={"status": "done"}),
    "tasks.reopen": Route("PATCH", "/v1/tasks/{task}", sets={"status": "open"}),
    "tasks.start": Route("PATCH", "/v1/tasks/{task}", sets={"status": "in_progress"}),
    "tasks.cancel": Route("PATCH", "/v1/tasks/{task}", sets={"status": "cancelled"}),
    "tasks.assign": Route("PATCH", "/v1/tasks/{task}", calls={"assignee": "assignee_id"}),
    "tasks.move": Route("PATCH", "/v1/tasks/{task}"),
    "tasks.claim": Route("POST", "/v1/tasks/claim", calls=OF_TEAM),
    "tasks.delete": Route("DELETE", "/v1/tasks/{task}"),
    "tasks.restore": Route("POST", "/v1/tasks/{task}/restore"),
    "tasks.purge": Route("POST", "/v1/tasks/{task}/purge"),
    "dependencies.list": Route("GET", "/v1/tasks/{task}/dependencies"),
    "dependencies.link": Route("PUT", "/v1/tasks/{task}/dependencies/{predecessor}"),
    "dependencies.unlink": Route("DELETE", "/v1/tasks/{task}/dependencies/{predecessor}"),
    "followers.add": Route("PUT", "/v1/tasks/{task}/followers/{user}"),
    "followers.remove": Route("DELETE", "/v1/tasks/{task}/followers/{user}", then="tasks.get"),
    "reminders.add": Route("POST", "/v1/tasks/{task}/reminders"),
    "reminders.list": Route("GET", "/v1/tasks/{task}/reminders"),
    "reminders.remove": Route("DELETE", "/v1/tasks/{task}/reminders/{reminder}"),
    "comments.create": Route("POST", "/v1/tasks/{task}/comments"),
    "comments.list": Route("GET", "/v1/tasks/{task}/comments"),
    "comments.mark_read": Route("PUT", "/v1/tasks/{task}/read", calls={"up_to": "comment_id"}),
    "comments.unread": Route("GET", "/v1/teams/{team}/unread"),
    "comments.edit": Route("PATCH", "/v1/comments/{comment}"),
    "comments.delete": Route("DELETE", "/v1/comments/{comment}"),
    "notifications.list": Route("GET", "/v1/me/notifications"),
    "notifications.unread": Route("GET", "/v1/me/notifications/unread"),
    "notifications.read": Route("POST", "/v1/me/notifications/read", calls={"everything": "all"}),
    "notifications.preferences": Route("GET", "/v1/me/notifications/preferences"),
    "notifications.edit_preferences": Route("PATCH", "/v1/me/notifications/preferences"),
    "webhooks.create": Route("POST", "/v1/teams/{team}/webhooks"),
    "webhooks.list": Route("GET", "/v1/teams/{team}/webhooks"),
    "webhooks.get": Route("GET", "/v1/webhooks/{webhook}"),
    "webhooks.edit": Route("PATCH", "/v1/webhooks/{webhook}"),
    "webhooks.delete": Route("DELETE", "/v1/webhooks/{webhook}"),
    "webhooks.test": Route("POST", "/v1/webhooks/{webhook}/test"),
    "webhooks.rotate_secret": Route("POST", "/v1/webhooks/{webhook}/rotate-secret"),
    "webhooks.deliveries": Route("GET", "/v1/webhooks/{webhook}/deliveries"),
    "webhooks.redeliver": Route("POST", "/v1/deliveries/{delivery}/redeliver"),
    "escalations.create": Route("POST", "/v1/teams/{team}/escalations"),
    "escalations.list": Route("GET", "/v1/teams/{team}/escalations"),
    "escalations.get": Route("GET", "/v1/escalations/{escalation}"),
    "escalations.edit": Route("PATCH", "/v1/escalations/{escalation}"),
    "escalations.delete": Route("DELETE", "/v1/escalations/{escalation}"),
    "views.create": Route("POST", "/v1/teams/{team}/views"),
    "views.list": Route("GET", "/v1/teams/{team}/views"),
    "views.mine": Route("GET", "/v1/me/views"),
    "views.get": Route("GET", "/v1/views/{view}"),
    "views.edit": Route("PATCH", "/v1/views/{view}"),
    "views.delete": Route("DELETE", "/v1/views/{view}"),
    "events.list": Route("GET", "/v1/teams/{team}/events"),
    "events.activity": Route("GET", "/v1/tasks/{task}/activity"),
    "jobs.list": Route("GET", "/v1/me/jobs"),
    "jobs.get": Route("GET", "/v1/me/jobs/{job}"),
    "jobs.cancel": Route("POST", "/v1/me/jobs/{job}/cancel"),
    "instance_jobs.list": Route("GET", "/v1/instance/jobs"),
    "instance_jobs.get": Route("GET", "/v1/instance/jobs/{job}"),
    "instance_jobs.retry": Route("POST", "/v1/instance/jobs/{job}/retry"),
    "instance_jobs.cancel": Route("POST", "/v1/instance/jobs/{job}/cancel"),
    "instance_jobs.drop": Route("DELETE", "/v1/instance/jobs/{job}"),
    "instance_jobs.retry_all": Route("POST", "/v1/instance/jobs/retry"),
    "instance_jobs.drop_all": Route("POST", "/v1/instance/jobs/drop"),
    "instance_jobs.schedules": Route("GET", "/v1/instance/job-schedules"),
    "instance.users": Route("GET", "/v1/instance/users"),
    "instance.get_user": Route("GET", "/v1/instance/users/{user}"),
    "instance.edit_user": Route("PATCH", "/v1/instance/users/{user}"),
    "instance.log_out": Route("POST", "/v1/instance/users/{user}/logout"),
    "instance.teams": Route("GET", "/v1/instance/teams"),
    "sagas.mine": Route("GET", "/v1/me/sagas"),
    "instance.audit": Route("GET", "/v1/instance/audit"),
}


def use_case(name: str) -> Callable[..., Any]:
    """The core's own method that a row stands for."""
    noun, _, verb = name.partition(".")
    method: Callable[..., Any] = getattr(NOUNS[noun], verb)
    return method
