"""Things to save: one of every kind, and the simplest of some."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import attrs

from taskcore.delivery.inbox import Channel, Notification, Reason
from taskcore.delivery.model import (
    Delivery,
    DeliveryStatus,
    Disabled,
    LoggedAttempt,
    Payload,
    Webhook,
)
from taskcore.delivery.positions import LogPosition
from taskcore.delivery.preferences import DEFAULTS, NotificationPreferences
from taskcore.events import Event
from taskcore.identity.model import (
    ApiToken,
    AuditEntry,
    Credential,
    EmailToken,
    Identity,
    Purpose,
    RefreshToken,
    Session,
    User,
)
from taskcore.jobs.model import Job, JobFailure, JobPriority, JobProgress, JobSchedule, JobState
from taskcore.ports import EventSearch, Unit
from taskcore.sagas.model import Saga, SagaState, SagaStep
from taskcore.tasks.model import Comment, Dependency, Lease, SavedView, Task, snapshot
from taskcore.tasks.planning import TaskConstraint
from taskcore.tasks.reading import ReadMarker
from taskcore.tasks.reminding import Reminder
from taskcore.teams.model import Invitation, Label, Membership, Project, Team
from taskcore.testing.world import Person, World
from taskcore.values import (
    AuditId,
    CommentId,
    ConstraintRule,
    DeliveryId,
    DependencyType,
    EscalationId,
    EstimateKind,
    EventId,
    InvitationId,
    JobId,
    LabelId,
    LagUnit,
    NotificationId,
    Priority,
    ProjectId,
    ReminderAnchor,
    ReminderId,
    Role,
    SagaId,
    SchedulePolicy,
    SessionId,
    Status,
    TaskId,
    TokenId,
    UserId,
    ViewId,
    WebhookId,
)
from taskcore.watching.model import (
    EscalationAction,
    EscalationRule,
    EscalationStep,
    EscalationTarget,
    EscalationTrouble,
    Firing,
    Taken,
    Watch,
)

NOW = datetime(2026, 11, 2, 9, 30, 0, 123456, tzinfo=UTC)
WHOLE_SECOND = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
NO_REFS = (
    "",
    "PLAT-",
    "-1",
    "PLAT-0",
    "no-such",
    "\x00",
    "\ud800",
    "'; --",
    "1" * 5000,
    "\U0001f680-1",
    str(uuid4()),
)
ODD = "\u017ftra\u00dfe \U0001f9d1\u200d\U0001f680 \u202e\u0301 '\"\\;-- %_ \t\n\x01 \u0130i \U0001d518"

A_CALENDAR = {
    "hours": {"mon-fri": ["09:00-12:00", "13:00-17:00"]},
    "exceptions": [{"from": "2026-12-24", "to": "2026-12-26", "hours": None, "name": ODD}],
    "units": 0.5,
}
"""A document as stores keep it; its words are the core's."""


async def one_of_each(world: World) -> list[Any]:
    """Every kind of entity with every field set, saved."""
    ada = await world.person()
    team = await world.team(ada)
    uid = ada.user.id
    user = User(
        UserId(uuid4()), f"{uuid4().hex}@x.org", ODD, NOW, "Asia/Kolkata", True, WHOLE_SECOND, NOW, NOW
    )
    session = Session(SessionId(uuid4()), user.id, NOW, NOW, WHOLE_SECOND, ODD, NOW)
    label = a_label(team, "bug")
    project = Project(
        ProjectId(uuid4()),
        team.id,
        "P",
        uid,
        NOW,
        NOW,
        "words",
        uid,
        date(2026, 12, 24),
        NOW,
        (uid, user.id),
        SchedulePolicy.KEEP_GAP,
    )
    project = attrs.evolve(project, guests=tuple(sorted(project.guests)))
    parent = attrs.evolve(a_task(team, ada), number=7, key=f"{team.key}-7")
    task = Task(
        TaskId(uuid4()), team.id, 8, f"{team.key}-8", "t", uid, "V", NOW, WHOLE_SECOND, "d", Status.IN_REVIEW,
        Priority.URGENT, project.id, parent.id, uid, ("bug",), tuple(sorted((uid, user.id))), NOW, NOW,
        date(2026, 11, 2), 90, 15, "RRULE:FREQ=DAILY", EstimateKind.WORKING, 60, 120, 30,
        tuple(sorted((uid, user.id))), ("SQL", ODD), True,
        (TaskConstraint(ConstraintRule.NOT_BEFORE, NOW), TaskConstraint(ConstraintRule.AS_LATE_AS_POSSIBLE)),
        (uid,), NOW, None, NOW, NOW, "jira", "J-9", Lease(uid, NOW),
    )  # fmt: skip
    dependency = Dependency(team.id, parent.id, task.id, NOW, DependencyType.SF, -30, LagUnit.ELAPSED)
    things: list[Any] = [
        user,
        Credential(user.id, "hash"),
        session,
        RefreshToken(TokenId(uuid4()), session.id, user.id, uuid4().hex, NOW, NOW, NOW),
        EmailToken(TokenId(uuid4()), Purpose.VERIFY, ODD, uuid4().hex, NOW, NOW, user.id, WHOLE_SECOND),
        ApiToken(
            TokenId(uuid4()),
            user.id,
            ODD,
            ("read", "tasks:write"),
            uuid4().hex,
            "tca_…",
            NOW,
            NOW,
            team.id,
            NOW,
            NOW,
        ),
        Identity("https://id.example.org", uuid4().hex, user.id, NOW),
        AuditEntry(
            AuditId(uuid4()), "team.update", "team", NOW, False, team.id, uid, team.id, ODD, {"a": [1, None]}
        ),
        Invitation(InvitationId(uuid4()), team.id, "a@b.c", Role.GUEST, uuid4().hex, uid, NOW, NOW, NOW, NOW),
        Membership(team.id, user.id, Role.ADMIN, NOW, 300, A_CALENDAR),
        label,
        project,
        parent,
        task,
        dependency,
        Comment(CommentId(uuid4()), team.id, task.id, uid, ODD, NOW, (user.id, uid), NOW, NOW),
        Reminder(
            ReminderId(uuid4()),
            team.id,
            task.id,
            uid,
            ReminderAnchor.ABSOLUTE,
            NOW,
            -30,
            LagUnit.WORKING,
            NOW,
        ),
        *a_watch_and_a_rule(task, project),
        LogPosition(team.id, "webhook:odd", 7, ODD),
        Job(
            JobId(uuid4()),
            "odd.kind",
            NOW,
            {"to": [ODD, None, 1.5]},
            uid,
            team.id,
            JobPriority.LOW,
            JobState.RUNNING,
            WHOLE_SECOND,
            3,
            5,
            ODD + uuid4().hex,
            ODD,
            NOW,
            NOW,
            WHOLE_SECOND,
            JobProgress(1, 2, ODD),
            {"made": [1, ODD]},
            ODD,
            (JobFailure(NOW, 1, ODD, ODD), JobFailure(WHOLE_SECOND, 2, "")),
        ),
        JobSchedule(f"every {uuid4().hex}", NOW, WHOLE_SECOND),
        Notification(
            uid,
            NotificationId(uuid4()),
            Reason.MENTIONED,
            ODD,
            ODD,
            NOW,
            Channel.DIGEST,
            team.id,
            task.id,
            ODD,
            EventId(uuid4()),
            WHOLE_SECOND,
            NOW,
        ),
        NotificationPreferences(
            user.id,
            {**DEFAULTS, Reason.DUE: Channel.NONE},
            "22:00",
            "06:30",
            "07:05",
            NOW,
            date(2026, 11, 2),
            True,
            WHOLE_SECOND,
            ODD,
            date(2026, 11, 1),
        ),
        a_saga(team, uid),
        ReadMarker(team.id, task.id, uid, CommentId(uuid4()), WHOLE_SECOND),
        *a_webhook_with_a_delivery(team, ada, project),
        SavedView(ViewId(uuid4()), team.id, uid, "v", NOW, NOW, {"status": ["open"], "overdue": True}, True),
    ]

    async def work(unit: Unit) -> list[Any]:
        return await unit.save(things)

    saved = await world.store.transact(work)
    return [attrs.evolve(each, blocked=True) if each == task else each for each in saved]


def a_saga(team: Team, user_id: UserId) -> Saga:
    """Every field set."""
    log = (SagaStep(WHOLE_SECOND, ODD, "done"), SagaStep(NOW, ODD, "failed"))
    return Saga(
        SagaId(uuid4()), "odd.kind", NOW, ODD, SagaState.WAITING, team.id, user_id, WHOLE_SECOND, NOW, NOW,
        ODD, {"people": [ODD, None, 1.5]}, log,
    )  # fmt: skip


def a_webhook_with_a_delivery(team: Team, person: Person, project: Project) -> tuple[Webhook, Delivery]:
    """Every field set."""
    webhook = Webhook(
        WebhookId(uuid4()), team.id, "https://example.org/?x=1", person.user.id, NOW, NOW, ("task.*", "a.b"),
        project.id, Payload.THIN, ODD, False, 3, NOW, WHOLE_SECOND, NOW, Disabled.FAILING,
    )  # fmt: skip
    attempts = (
        LoggedAttempt(WHOLE_SECOND, 503, None, 17, ODD, {"webhook-id": "msg_1"}),
        LoggedAttempt(NOW, error=ODD),
    )
    delivery = Delivery(
        DeliveryId(uuid4()), team.id, webhook.id, "task.created", ODD, NOW, 7, EventId(uuid4()),
        DeliveryStatus.FAILED, 2, NOW, NOW, attempts,
    )  # fmt: skip
    return webhook, delivery


def a_watch_and_a_rule(task: Task, project: Project) -> tuple[Watch, EscalationRule]:
    """Every field set."""
    steps = (
        EscalationStep(EscalationAction.NOTIFY, EscalationTarget.USER, task.created_by),
        EscalationStep(EscalationAction.RAISE_PRIORITY, after_minutes=30),
    )
    rule = EscalationRule(
        EscalationId(uuid4()), task.team_id, ODD, EscalationTrouble.BLOCKED, steps, task.created_by, NOW,
        WHOLE_SECOND, 90, LagUnit.WORKING, project.id, (Priority.HIGH, Priority.URGENT), False,
    )  # fmt: skip
    fired = (Firing("due", 1_700_000_000), Firing(str(uuid4()), -1))
    return Watch(task.team_id, task.id, NOW, fired, (Taken(rule.id, 1_700_000_000, 2),)), rule


def key_of(thing: Any) -> dict[str, Any]:
    names = ("team_id", "task_id", "user_id", "predecessor_id", "successor_id", "issuer", "subject")
    return {name: getattr(thing, name) for name in names if hasattr(thing, name)}


def a_label(team: Team, name: str = "label") -> Label:
    return Label(LabelId(uuid4()), team.id, name, NOW, "#123456")


def a_task(team: Team, person: Person, title: str = "task") -> Task:
    task_id = TaskId(UUID(int=_rising()))
    return Task(task_id, team.id, 0, "", title, person.user.id, "V", NOW, NOW)


_counter = uuid4().int & ~0xFFFFFFFFFFFF


def _rising() -> int:
    global _counter  # noqa: PLW0603  ids of one process rise
    _counter += 1
    return _counter


def an_event(team: Team, kind: str, task: Task | None = None) -> Event:
    data = {"task": snapshot(task)} if task else {}
    subject = task.id if task else team.id
    return Event(
        EventId(uuid4()), team.id, kind, "task", subject, NOW, task_id=task.id if task else None, data=data
    )


async def log_of(world: World, team: Team, **search: Any) -> list[Event]:
    search.setdefault("limit", 1000)
    return await world.store.rows().events(EventSearch(team.id, **search))
