"""What people see of each kind of thing in a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from taskcore.delivery.inbox import Reason
from taskcore_cli.directory import Named
from taskcore_cli.render import Columns
from taskcore_cli.session import Session

USER: Columns = {
    "email": lambda user: user.email,
    "name": lambda user: user.name,
    "time zone": lambda user: user.time_zone,
    "admin": lambda user: user.is_admin,
    "disabled": lambda user: when(user.disabled_at),
    "deleted": lambda user: when(user.deleted_at),
}
ACCOUNT: Columns = {
    **USER,
    "verified": lambda user: when(user.email_verified_at),
    "since": lambda user: when(user.created_at),
    "id": lambda user: user.id,
}
DAY: Columns = {
    "day": lambda day: day.day,
    "team": lambda day: day.team,
    "created": lambda day: day.created,
    "completed": lambda day: day.completed,
    "cancelled": lambda day: day.cancelled,
    "reopened": lambda day: day.reopened,
    "wip": lambda day: day.wip,
    "backlog": lambda day: day.backlog,
    "open": lambda day: day.open,
    "cycle p50 h": lambda day: day.cycle_p50_hours,
    "cycle p85 h": lambda day: day.cycle_p85_hours,
    "lead p50 h": lambda day: day.lead_p50_hours,
    "lead p85 h": lambda day: day.lead_p85_hours,
}
SESSION: Columns = {
    "signed in": lambda session: when(session.created_at),
    "used": lambda session: when(session.used_at),
    "expires": lambda session: when(session.expires_at),
    "from": lambda session: session.origin,
    "id": lambda session: session.id,
}
TEAM: Columns = {
    "key": lambda team: team.key,
    "name": lambda team: team.name,
    "slug": lambda team: team.slug,
    "time zone": lambda team: team.time_zone,
    "suspended": lambda team: when(team.suspended_at),
}
TEAM_SUMMARY: Columns = {
    "key": lambda team: team.key,
    "name": lambda team: team.name,
    "members": lambda team: team.members,
    "owners": lambda team: team.owners,
    "created": lambda team: when(team.created_at),
    "suspended": lambda team: when(team.suspended_at),
    "deleted": lambda team: when(team.deleted_at),
}
INVITATION: Columns = {
    "email": lambda invitation: invitation["email"],
    "role": lambda invitation: invitation["role"],
    "expires": lambda invitation: when(invitation["expires_at"]),
    "id": lambda invitation: invitation["id"],
    "token": lambda invitation: invitation.get("token"),
}
MEMBER: Columns = {
    "email": lambda member: member.email,
    "name": lambda member: member.name,
    "role": lambda member: member.role,
    "minutes a day": lambda member: member.capacity_minutes_per_day,
}
CALENDAR: Columns = {
    "hours": lambda found: week(found.hours),
    "time zone": lambda found: found.time_zone,
    "minutes a day": lambda found: getattr(found, "capacity_minutes_per_day", None),
    "minutes a week": lambda found: found.calendar.get("max_minutes_per_week"),
    "units": lambda found: _share(found.calendar.get("units")),
    "efficiency": lambda found: _share(found.calendar.get("efficiency")),
    "skills": lambda found: found.calendar.get("skills"),
    "exceptions": lambda found: [_exception(each) for each in found.calendar["exceptions"]],
}
PROJECT: Columns = {
    "name": lambda project: project.name,
    "target": lambda project: project.target_on,
    "policy": lambda project: "" if project.schedule_policy == "pull_and_push" else project.schedule_policy,
    "archived": lambda project: when(project.archived_at),
    "id": lambda project: project.id,
}
LABEL: Columns = {"name": lambda label: label.name, "colour": lambda label: label.colour}
VIEW: Columns = {
    "name": lambda view: view.name,
    "shared": lambda view: view.shared,
    "query": lambda view: " ".join(f"{name}={value}" for name, value in view.query.items()),
    "id": lambda view: view.id,
}
REMINDER: Columns = {
    "beside": lambda reminder: reminder.anchor,
    "offset": lambda reminder: (
        f"{reminder.offset_minutes} min {reminder.offset_unit}" if reminder.offset_minutes else ""
    ),
    "tells": lambda reminder: when(reminder.fires_at),
    "id": lambda reminder: reminder.id,
}
ESCALATION: Columns = {
    "name": lambda rule: rule.name,
    "when": lambda rule: rule.trouble,
    "for": lambda rule: f"{rule.after_minutes} min {rule.after_unit}" if rule.after_minutes else "",
    "steps": lambda rule: [_escalation_step(each) for each in rule.steps],
    "priorities": lambda rule: rule.priorities or "all",
    "state": lambda rule: "on" if rule.enabled else "off",
    "id": lambda rule: rule.id,
}
READ_MARKER: Columns = {
    "read": lambda marker: when(marker.read_at),
    "up to": lambda marker: marker.comment_id,
}


def _channel_of(reason: Reason) -> Callable[[Any], object]:
    return lambda preferred: preferred.channels[reason]


NOTIFICATION: Columns = {
    "when": lambda each: when(each.created_at),
    "reason": lambda each: each.reason,
    "task": lambda each: each.task_key,
    "text": lambda each: each.text,
    "read": lambda each: when(each.read_at),
    "id": lambda each: each.id,
}
UNREAD: Columns = {"unread": lambda count: count.unread}
MARKED: Columns = {"marked": lambda count: count.marked}
PREFERENCES: Columns = {
    **{reason: _channel_of(reason) for reason in Reason},
    "quiet hours": lambda preferred: (
        f"{preferred.quiet_from}-{preferred.quiet_until}" if preferred.quiet_from else "none"
    ),
    "digest at": lambda preferred: preferred.digest_at or "none",
    "next digest": lambda preferred: when(preferred.next_digest_at),
    "weekly report": lambda preferred: preferred.weekly_report,
    "no mail since": lambda preferred: when(preferred.mail_disabled_at),
    "no mail because": lambda preferred: preferred.mail_disabled_reason,
    "version": lambda preferred: preferred.version,
}
WEBHOOK: Columns = {
    "url": lambda webhook: webhook.url,
    "kinds": lambda webhook: webhook.kinds or "all",
    "payload": lambda webhook: webhook.payload,
    "state": lambda webhook: "on" if webhook.active else webhook.disabled_reason or "off",
    "failing since": lambda webhook: when(webhook.failing_since),
    "for": lambda webhook: webhook.description,
    "id": lambda webhook: webhook.id,
}
DELIVERY: Columns = {
    "at": lambda delivery: when(delivery.created_at),
    "seq": lambda delivery: delivery.seq or "",
    "kind": lambda delivery: delivery.kind,
    "status": lambda delivery: delivery.status,
    "attempts": lambda delivery: delivery.attempts,
    "answer": lambda delivery: (delivery.log[-1].status or delivery.log[-1].error) if delivery.log else "",
    "next": lambda delivery: when(delivery.next_attempt_at),
    "id": lambda delivery: delivery.id,
}
EVENT: Columns = {
    "seq": lambda event: event.seq,
    "at": lambda event: when(event.at),
    "kind": lambda event: event.kind,
    "about": lambda event: event.data.get("task", {}).get("key") or event.subject_type,
    "changed": lambda event: [
        name for name, value in event.data.items() if isinstance(value, Mapping) and "to" in value
    ],
}


def _escalation_step(step: Any) -> str:
    target = str(step.user_id) if step.user_id is not None else step.target
    later = f"after {step.after_minutes} min" if step.after_minutes else ""
    return " ".join(part for part in (step.action, target, later) if part)


def token_columns(session: Session, tokens: Sequence[Any], *, whose: bool = False) -> Columns:
    """A line a token, shown without its hash; `whose` by e-mail, and the team by key, if there are people
    to read them."""
    emails = _emails(session, [token.user_id for token in tokens] if whose else [])
    keys = _team_keys(session, [token.team_id for token in tokens])
    return {
        "name": lambda token: token["name"],
        "of": lambda token: emails.get(token["user_id"], ""),
        "scopes": lambda token: token["scopes"],
        "team": lambda token: keys.get(token["team_id"], ""),
        "ends": lambda token: token["hint"],
        "expires": lambda token: when(token["expires_at"]),
        "used": lambda token: when(token["used_at"]),
        "id": lambda token: token["id"],
        "token": lambda token: token.get("token"),
    }


def audit_columns(session: Session, entries: Sequence[Any]) -> Columns:
    """A line an entry; people by e-mail, if there are people to read it."""
    emails = _emails(session, [each for entry in entries for each in (entry.actor_id, entry.subject_id)])
    return {
        "at": lambda entry: when(entry.at),
        "action": lambda entry: entry.action,
        "refused": lambda entry: not entry.allowed,
        "by": lambda entry: emails.get(entry.actor_id, ""),
        "about": lambda entry: emails.get(entry.subject_id, entry.subject_type),
        "from": lambda entry: entry.origin,
        "more": lambda entry: [f"{name}={_become(value)}" for name, value in entry.data.items()],
    }


def _become(value: Any) -> object:
    if isinstance(value, Mapping) and "to" in value:
        return value["to"]
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value


def comment_columns(session: Session, comments: Sequence[Any]) -> Columns:
    """What was said, and by whom, if there are people to read it."""
    people = _people(session, [comment.author_id for comment in comments])
    return {
        "at": lambda comment: when(comment.created_at),
        "by": lambda comment: people[comment.author_id].name if comment.author_id in people else "",
        "body": lambda comment: comment.body,
        "id": lambda comment: comment.id,
    }


def unread_columns(session: Session, team: UUID | str, found: Sequence[Any]) -> Columns:
    """Where there is something to read; tasks by their keys, if there are people to read them."""
    ids = tuple(each.task_id for each in found) if session.mode is None else ()
    keys = session.directory.task_keys(session.me.teams.get(team).id, ids) if ids else {}
    return {
        "task": lambda each: keys.get(each.task_id, each.task_id),
        "unread": lambda each: each.unread,
        "newest": lambda each: each.last_comment_id,
    }


def dependency_columns(session: Session, links: Sequence[Any]) -> Columns:
    """Which task waits for which; by their keys, if there are people to read them."""
    keys = _keys(session, links)
    return {
        "predecessor": lambda link: keys.get(link.predecessor_id, link.predecessor_id),
        "type": lambda link: link.type,
        "successor": lambda link: keys.get(link.successor_id, link.successor_id),
        "lag": lambda link: f"{link.lag_minutes} min {link.lag_unit}" if link.lag_minutes else "",
    }


def task_columns(session: Session, tasks: Sequence[Any]) -> Columns:
    """A line a task; people by e-mail, if there are people to read it."""
    emails = _emails(session, [task.assignee_id for task in tasks])
    return {
        "key": lambda task: task.key,
        "status": lambda task: task.status,
        "priority": lambda task: "" if task.priority == "none" else task.priority,
        "title": lambda task: task.title,
        "assignee": lambda task: emails.get(task.assignee_id, ""),
        "due": lambda task: task.due_on or when(task.due_at),
        "labels": lambda task: task.labels,
        "flag": _flag,
    }


def task_details(session: Session, task: Any, project: Any) -> Columns:
    """Every field that people look for in one task."""
    emails = _emails(session, [task.assignee_id, task.created_by, *task.followers, *task.candidates])
    return {
        **task_columns(session, [task]),
        "project": lambda _: project.name if project else "",
        "starts": lambda task: when(task.start_at),
        "estimate": _estimate,
        "remaining": lambda task: "" if task.remaining_minutes is None else f"{task.remaining_minutes} min",
        "spent": lambda task: f"{task.spent_minutes} min" if task.spent_minutes else "",
        "recurrence": lambda task: task.recurrence,
        "candidates": lambda task: [emails.get(each, str(each)) for each in task.candidates],
        "skills": lambda task: task.required_skills,
        "splittable": lambda task: task.splittable,
        "constraints": lambda task: [_constraint(each) for each in task.constraints],
        "started": lambda task: when(task.started_at),
        "completed": lambda task: when(task.completed_at),
        "created": lambda task: f"{when(task.created_at)} by {emails.get(task.created_by, task.created_by)}",
        "updated": lambda task: f"{when(task.updated_at)} (version {task.version})",
        "deleted": lambda task: when(task.deleted_at),
        "followers": lambda task: [emails.get(each, str(each)) for each in task.followers],
        "came from": lambda task: f"{task.external_source} {task.external_id}" if task.external_id else "",
        "id": lambda task: task.id,
    }


def _estimate(task: Any) -> str:
    """Of work, if nothing else is said; all three points, where there are three."""
    points = task.estimate_optimistic_minutes, task.estimate_minutes, task.estimate_pessimistic_minutes
    said = "/".join("?" if each is None else str(each) for each in points)
    plain = f"{task.estimate_minutes}" if task.estimate_minutes else ""
    minutes = plain if points[0] is None and points[2] is None else said
    kind = "" if task.estimate_kind == "effort" else task.estimate_kind
    return " ".join(part for part in (f"{minutes} min" if minutes else "", kind) if part)


def _constraint(constraint: Any) -> str:
    return f"{constraint.rule} {when(constraint.at)}".strip()


def _flag(task: Any) -> str:
    if task.deleted_at is not None:
        return "deleted"
    return "overdue" if task.overdue else "blocked" if task.blocked else ""


def _keys(session: Session, links: Sequence[Any]) -> Mapping[UUID, str]:
    if session.mode is not None or not links:
        return {}
    ids = tuple({end for link in links for end in (link.predecessor_id, link.successor_id)})
    return session.directory.task_keys(links[0].team_id, ids)


def _team_keys(session: Session, ids: Sequence[UUID | None]) -> Mapping[UUID | None, str]:
    wanted = tuple({each for each in ids if each is not None})
    if session.mode is not None or not wanted:
        return {}
    return dict(session.directory.team_keys(wanted).items())


def _people(session: Session, ids: Sequence[UUID | None]) -> Mapping[UUID | None, Named]:
    wanted = tuple({each for each in ids if each is not None})
    if session.mode is not None or not wanted:
        return {}
    return dict(session.directory.people(wanted).items())


def _emails(session: Session, ids: Sequence[UUID | None]) -> dict[UUID | None, str | None]:
    return {user_id: user.email for user_id, user in _people(session, ids).items()}


def when(instant: Any) -> str:
    """To the minute, in the zone of this machine: where the reader sits."""
    return "" if instant is None else instant.astimezone().strftime("%Y-%m-%d %H:%M")


def week(hours: Mapping[str, Sequence[str]]) -> str:
    """Weekly hours on a line, as --hours takes them."""
    return "; ".join(f"{days} {','.join(parts)}" for days, parts in hours.items()) or "never"


def _share(number: float | None) -> str | None:
    return None if number is None else f"{number:g}"


def _exception(entry: Mapping[str, Any]) -> str:
    days = f"{entry['from']}" if entry["from"] == entry["to"] else f"{entry['from']} to {entry['to']}"
    hours = "" if entry["hours"] is None else f"({week(entry['hours'])})"
    return " ".join(word for word in (days, entry["name"], hours) if word)
