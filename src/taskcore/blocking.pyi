# Written by `python -m tools.blocking_stub` from the async classes. Do not edit.

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Literal, Unpack, type_check_only
from uuid import UUID

from taskcore.caller import Signup
from taskcore.delivery.inbox import Notification, ReasonWord
from taskcore.delivery.mail import Bounce
from taskcore.delivery.model import Delivery, DeliveryStatusWord, Webhook
from taskcore.delivery.notifications import MarkedNotifications, PreferenceFields, UnreadNotifications
from taskcore.delivery.preferences import NotificationPreferences
from taskcore.delivery.webhooks import WebhookDetails, WebhookFields
from taskcore.errors import Invalid
from taskcore.events import Event
from taskcore.exchange.move import Move
from taskcore.exchange.records import Record
from taskcore.exchange.returned import Returned
from taskcore.exchange.table import Row
from taskcore.idempotency import Attempt
from taskcore.identity.api import UserFields
from taskcore.identity.instance import AccountFields, TeamSummary
from taskcore.identity.model import ApiToken, AuditEntry, ExternalIdentity, Session, User
from taskcore.identity.sessions import SignedIn
from taskcore.jobs.model import Job, JobPriorityWord, JobStateWord
from taskcore.jobs.ports import Handler
from taskcore.jobs.registry import Handlers
from taskcore.jobs.views import JobSummary, OwnJob, ScheduleSummary, Swept
from taskcore.live.place import Place
from taskcore.live.waking import Waking
from taskcore.mirror import Mirror as Mirror
from taskcore.mirror import Run as Run
from taskcore.mirror import runner as runner
from taskcore.paging import Page
from taskcore.permissions import Actor
from taskcore.planning.api import OnPlan
from taskcore.planning.changes import Change
from taskcore.planning.model import Schedule
from taskcore.progress import Progress
from taskcore.query import ClaimFields, QueryFields
from taskcore.sagas.model import SagaSummary
from taskcore.status.model import ReportFile, ReportFormatWord
from taskcore.tasks.batches import Operation, Outcome
from taskcore.tasks.dependencies import Lag
from taskcore.tasks.expansion import Expanded
from taskcore.tasks.imports import ImportReport, Taken
from taskcore.tasks.incoming import Incoming, Refusal
from taskcore.tasks.model import Comment, Dependency, SavedView, Task, TaskDetails, TaskFields, TaskRef
from taskcore.tasks.reading import ReadMarker, ReadState, Unread
from taskcore.tasks.reminding import Reminder
from taskcore.tasks.views import ViewFields
from taskcore.teams.api import TeamFields
from taskcore.teams.calendar_documents import MemberCalendarFields, TeamCalendarFields
from taskcore.teams.members import MemberFields
from taskcore.teams.model import Invitation, Label, Member, Project, Team
from taskcore.teams.projects import LabelDetails, LabelFields, ProjectDetails, ProjectFields
from taskcore.teams.working_time import MemberWorkingTime, TeamWorkingTime
from taskcore.values import Clock, Ids, LagUnitWord, ReminderAnchorWord, RoleWord, TeamId, UserId
from taskcore.watching.escalations import EscalationDetails, EscalationFields, NewStep
from taskcore.watching.model import EscalationRule, EscalationTroubleWord

@type_check_only
class Me:
    def get(self) -> User: ...
    def edit(
        self,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[UserFields],
    ) -> User: ...
    def change_password(self, current: str, password: str, *, idempotency_key: str | None = None) -> None: ...
    def request_verification(self, *, idempotency_key: str | None = None) -> None: ...
    def delete(self, *, if_version: int | None = None, idempotency_key: str | None = None) -> None: ...

@type_check_only
class Sessions:
    def list(self, *, limit: object = 50, cursor: str | None = None) -> Page[Session]: ...
    def revoke(self, session: UUID | str, *, idempotency_key: str | None = None) -> None: ...

@type_check_only
class Tokens:
    def create(
        self,
        name: str,
        *,
        scopes: Sequence[str] = ...,
        expires_at: datetime | None = None,
        team: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> tuple[ApiToken, str]: ...
    def list(self, *, limit: object = 50, cursor: str | None = None) -> Page[ApiToken]: ...
    def revoke(self, token: UUID | str, *, idempotency_key: str | None = None) -> None: ...
    def list_team(
        self, team: UUID | str, *, limit: object = 50, cursor: str | None = None
    ) -> Page[ApiToken]: ...
    def revoke_other(
        self, team: UUID | str, token: UUID | str, *, idempotency_key: str | None = None
    ) -> None: ...

@type_check_only
class Teams:
    def create(
        self,
        name: str,
        *,
        key: str | None = None,
        slug: str | None = None,
        time_zone: str = "UTC",
        idempotency_key: str | None = None,
    ) -> Team: ...
    def list(self, *, limit: object = 50, cursor: str | None = None) -> Page[Team]: ...
    def get(self, team: UUID | str) -> Team: ...
    def edit(
        self,
        team: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[TeamFields],
    ) -> Team: ...
    def export(self, team: UUID | str) -> Team: ...
    def delete(
        self, team: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> None: ...
    def restore(
        self, team: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Team: ...
    def suspend(
        self, team: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Team: ...
    def unsuspend(
        self, team: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Team: ...

@type_check_only
class Members:
    def list(self, team: UUID | str, *, limit: object = 50, cursor: str | None = None) -> Page[Member]: ...
    def edit(
        self,
        team: UUID | str,
        user: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[MemberFields],
    ) -> Member: ...
    def remove(
        self,
        team: UUID | str,
        user: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None: ...
    def leave(self, team: UUID | str, *, idempotency_key: str | None = None) -> None: ...
    def transfer(
        self,
        team: UUID | str,
        user: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None: ...

@type_check_only
class Calendars:
    def get(
        self, team: UUID | str, *, first_day: date | None = None, last_day: date | None = None
    ) -> TeamWorkingTime: ...
    def put(
        self,
        team: UUID | str,
        calendar: TeamCalendarFields,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> TeamWorkingTime: ...
    def get_member(
        self, team: UUID | str, user: UserId, *, first_day: date | None = None, last_day: date | None = None
    ) -> MemberWorkingTime: ...
    def put_member(
        self,
        team: UUID | str,
        user: UserId,
        calendar: MemberCalendarFields,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> MemberWorkingTime: ...
    def add_time_off(
        self,
        team: UUID | str,
        user: UserId,
        first_day: date,
        last_day: date | None = None,
        name: str = "",
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> MemberWorkingTime: ...
    def remove_time_off(
        self,
        team: UUID | str,
        user: UserId,
        first_day: date,
        last_day: date | None = None,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> MemberWorkingTime: ...

@type_check_only
class Invitations:
    def create(
        self, team: UUID | str, email: str, role: RoleWord = ..., *, idempotency_key: str | None = None
    ) -> tuple[Invitation, str]: ...
    def resend(
        self, team: UUID | str, invitation: UUID | str, *, idempotency_key: str | None = None
    ) -> tuple[Invitation, str]: ...
    def list(
        self, team: UUID | str, *, limit: object = 50, cursor: str | None = None
    ) -> Page[Invitation]: ...
    def revoke(
        self, team: UUID | str, invitation: UUID | str, *, idempotency_key: str | None = None
    ) -> None: ...
    def accept(self, token: str, *, idempotency_key: str | None = None) -> Team: ...
    def decline(self, token: str, *, idempotency_key: str | None = None) -> None: ...

@type_check_only
class Audit:
    def list(
        self, team: UUID | str, *, limit: object = 50, cursor: str | None = None
    ) -> Page[AuditEntry]: ...
    def export(
        self, team: UUID | str, *, limit: object = 50, cursor: str | None = None
    ) -> Page[AuditEntry]: ...

@type_check_only
class Projects:
    def create(
        self,
        team: UUID | str,
        name: str,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[ProjectDetails],
    ) -> Project: ...
    def list(self, team: UUID | str, *, limit: object = 50, cursor: str | None = None) -> Page[Project]: ...
    def get(self, project: UUID | str) -> Project: ...
    def edit(
        self,
        project: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[ProjectFields],
    ) -> Project: ...
    def delete(
        self, project: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> None: ...
    def share(
        self,
        project: UUID | str,
        guest: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Project: ...
    def unshare(
        self,
        project: UUID | str,
        guest: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Project: ...

@type_check_only
class Labels:
    def create(
        self,
        team: UUID | str,
        name: str,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[LabelDetails],
    ) -> Label: ...
    def list(self, team: UUID | str, *, limit: object = 50, cursor: str | None = None) -> Page[Label]: ...
    def get(self, label: UUID | str) -> Label: ...
    def edit(
        self,
        label: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[LabelFields],
    ) -> Label: ...
    def delete(
        self, label: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> None: ...

@type_check_only
class Tasks:
    def create(
        self,
        team: UUID | str,
        title: str,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[TaskDetails],
    ) -> Task: ...
    def get(self, task: TaskRef, *, deleted: bool = False) -> Task: ...
    def list(self, **filters: Unpack[QueryFields]) -> Page[Task]: ...
    def count(self, **filters: Unpack[QueryFields]) -> int: ...
    def expand(self, tasks: Sequence[Task], names: str) -> Sequence[Expanded]: ...
    def edit(
        self,
        task: TaskRef,
        *,
        if_version: int | None = None,
        merge: bool = False,
        force: bool = False,
        idempotency_key: str | None = None,
        **fields: Unpack[TaskFields],
    ) -> Task: ...
    def complete(
        self,
        task: TaskRef,
        *,
        force: bool = False,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Task: ...
    def reopen(
        self, task: TaskRef, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Task: ...
    def start(
        self, task: TaskRef, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Task: ...
    def cancel(
        self, task: TaskRef, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Task: ...
    def assign(
        self,
        task: TaskRef,
        assignee: UserId | None,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Task: ...
    def move(
        self,
        task: TaskRef,
        *,
        after: TaskRef | None = None,
        before: TaskRef | None = None,
        if_version: int | None = None,
        merge: bool = False,
        force: bool = False,
        idempotency_key: str | None = None,
        **fields: Unpack[TaskFields],
    ) -> Task: ...
    def claim(
        self,
        team: UUID | str,
        *,
        lease_minutes: int = 30,
        idempotency_key: str | None = None,
        **filters: Unpack[ClaimFields],
    ) -> Task | None: ...
    def delete(
        self, task: TaskRef, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Task: ...
    def restore(
        self, task: TaskRef, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Task: ...
    def purge(
        self, task: TaskRef, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> None: ...

@type_check_only
class Batches:
    def run(
        self,
        operations: Sequence[Operation | Invalid],
        *,
        atomic: bool = False,
        idempotency_key: str | None = None,
    ) -> list[Outcome]: ...

@type_check_only
class Dependencies:
    def list(self, task: TaskRef) -> Sequence[Dependency]: ...
    def link(
        self,
        task: TaskRef,
        predecessor: TaskRef,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **lag: Unpack[Lag],
    ) -> Dependency: ...
    def put(
        self,
        task: TaskRef,
        predecessor: TaskRef,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **lag: Unpack[Lag],
    ) -> tuple[Dependency, bool]: ...
    def unlink(
        self,
        task: TaskRef,
        predecessor: TaskRef,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None: ...

@type_check_only
class Followers:
    def list(self, task: TaskRef) -> tuple[UserId, ...]: ...
    def add(
        self,
        task: TaskRef,
        user: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Task: ...
    def remove(
        self,
        task: TaskRef,
        user: UserId,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Task: ...

@type_check_only
class Comments:
    def create(self, task: TaskRef, body: str, *, idempotency_key: str | None = None) -> Comment: ...
    def list(self, task: TaskRef, *, limit: object = 50, cursor: str | None = None) -> Page[Comment]: ...
    def edit(
        self,
        comment: UUID | str,
        body: str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Comment: ...
    def delete(
        self, comment: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> None: ...
    def mark_read(self, task: TaskRef, up_to: UUID | str | None = None) -> ReadMarker: ...
    def read_state(self, task: TaskRef) -> ReadState: ...
    def unread_of(self, task: TaskRef) -> int: ...
    def unread(self, team: UUID | str, *, limit: object = 50, cursor: str | None = None) -> Page[Unread]: ...

@type_check_only
class Presences:
    def look(self, place: Place, task: TaskRef | None) -> None: ...
    def type(self, place: Place, task: TaskRef, *, active: bool = True) -> None: ...
    def read(self, place: Place, task: TaskRef, comment: UUID | str | None = None) -> ReadMarker: ...

@type_check_only
class Reminders:
    def add(
        self,
        task: TaskRef,
        anchor: ReminderAnchorWord = "due",
        *,
        offset_minutes: int = 0,
        offset_unit: LagUnitWord = "elapsed",
        at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> Reminder: ...
    def list(self, task: TaskRef, *, limit: object = 50, cursor: str | None = None) -> Page[Reminder]: ...
    def remove(
        self,
        task: TaskRef,
        reminder: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None: ...

@type_check_only
class Views:
    def create(
        self,
        team: UUID | str,
        name: str,
        *,
        query: Mapping[str, Any] | None = None,
        shared: bool = False,
        idempotency_key: str | None = None,
    ) -> SavedView: ...
    def list(self, team: UUID | str, *, limit: object = 50, cursor: str | None = None) -> Page[SavedView]: ...
    def mine(self, *, limit: object = 50, cursor: str | None = None) -> Page[SavedView]: ...
    def get(self, view: UUID | str) -> SavedView: ...
    def edit(
        self,
        view: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[ViewFields],
    ) -> SavedView: ...
    def delete(
        self, view: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> None: ...

@type_check_only
class Schedules:
    def get(self, team: UUID | str) -> Schedule: ...
    def plan(
        self,
        team: UUID | str,
        *,
        start: datetime | None = None,
        keep: bool | None = None,
        changes: Sequence[Change] = ...,
        apply: bool = False,
        seconds: float | None = None,
        schedules: int | None = None,
        estimate_minutes: int = 60,
        on_plan: OnPlan | None = None,
        idempotency_key: str | None = None,
    ) -> Schedule: ...

@type_check_only
class Events:
    def list(
        self,
        team: UUID | str,
        *,
        after: object = None,
        kinds: Sequence[str] = ...,
        project: UUID | str | None = None,
        task: TaskRef | None = None,
        limit: object = 50,
        cursor: str | None = None,
    ) -> Page[Event]: ...
    def count(
        self,
        team: UUID | str,
        *,
        after: object = None,
        kinds: Sequence[str] = ...,
        project: UUID | str | None = None,
        task: TaskRef | None = None,
    ) -> int: ...
    def activity(self, task: TaskRef, *, limit: object = 50, cursor: str | None = None) -> Page[Event]: ...
    def count_activity(self, task: TaskRef) -> int: ...

@type_check_only
class Webhooks:
    def create(
        self,
        team: UUID | str,
        url: str,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[WebhookDetails],
    ) -> tuple[Webhook, str]: ...
    def list(self, team: UUID | str, *, limit: object = 50, cursor: str | None = None) -> Page[Webhook]: ...
    def get(self, webhook: UUID | str) -> Webhook: ...
    def edit(
        self,
        webhook: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[WebhookFields],
    ) -> Webhook: ...
    def delete(
        self, webhook: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> None: ...
    def test(
        self, webhook: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Delivery: ...
    def rotate_secret(
        self, webhook: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> tuple[Webhook, str]: ...
    def deliveries(
        self,
        webhook: UUID | str,
        *,
        status: DeliveryStatusWord | None = None,
        limit: object = 50,
        cursor: str | None = None,
    ) -> Page[Delivery]: ...
    def redeliver(
        self, delivery: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> Delivery: ...

@type_check_only
class Escalations:
    def create(
        self,
        team: UUID | str,
        name: str,
        trouble: EscalationTroubleWord,
        steps: Sequence[NewStep],
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[EscalationDetails],
    ) -> EscalationRule: ...
    def list(
        self, team: UUID | str, *, limit: object = 50, cursor: str | None = None
    ) -> Page[EscalationRule]: ...
    def get(self, escalation: UUID | str) -> EscalationRule: ...
    def edit(
        self,
        escalation: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[EscalationFields],
    ) -> EscalationRule: ...
    def delete(
        self, escalation: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> None: ...

@type_check_only
class Notifications:
    def list(
        self,
        *,
        unread: bool = False,
        reason: ReasonWord | Sequence[ReasonWord] | None = None,
        team: UUID | str | None = None,
        limit: object = 50,
        cursor: str | None = None,
    ) -> Page[Notification]: ...
    def unread(self) -> UnreadNotifications: ...
    def read(
        self,
        *,
        ids: Sequence[UUID | str] | None = None,
        through: UUID | str | None = None,
        everything: bool = False,
        unread: bool = False,
        idempotency_key: str | None = None,
    ) -> MarkedNotifications: ...
    def preferences(self) -> NotificationPreferences: ...
    def edit_preferences(
        self,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[PreferenceFields],
    ) -> NotificationPreferences: ...

@type_check_only
class Imports:
    def run(
        self,
        team: UUID | str,
        items: Iterable[Incoming | Refusal],
        *,
        progress: Callable[[ImportReport], None] | None = None,
        dry_run: bool = False,
    ) -> ImportReport: ...
    def take_chunk(
        self,
        team_id: TeamId,
        items: Sequence[Incoming],
        *,
        dry_run: bool = False,
        would: dict[tuple[str, str], Task] | None = None,
    ) -> Taken: ...
    def tie_chunk(
        self,
        team_id: TeamId,
        items: Sequence[Incoming],
        *,
        dry_run: bool = False,
        would: dict[tuple[str, str], Task] | None = None,
    ) -> tuple[int, list[Refusal]]: ...

@type_check_only
class Restores:
    def run(
        self,
        team: UUID | str,
        records: Iterable[Record | Refusal],
        *,
        progress: Callable[[ImportReport], None] | None = None,
        dry_run: bool = False,
    ) -> ImportReport: ...
    def take_chunk(
        self, move: Move, kind: str, records: Sequence[Record], *, last: bool = True
    ) -> Returned: ...

@type_check_only
class Exports:
    def page(
        self,
        team: UUID | str,
        *,
        deleted: bool = True,
        events: bool = True,
        limit: int = 1000,
        cursor: str | None = None,
    ) -> Page[Record]: ...
    def rows(
        self, team: UUID | str, *, deleted: bool = False, limit: int = 1000, cursor: str | None = None
    ) -> Page[Row]: ...

@type_check_only
class Jobs:
    def list(
        self,
        *,
        state: JobStateWord | None = None,
        kind: str | None = None,
        limit: object = 50,
        cursor: str | None = None,
    ) -> Page[OwnJob]: ...
    def get(self, job: UUID | str) -> OwnJob: ...
    def cancel(
        self, job: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> OwnJob: ...

@type_check_only
class StatusReports:
    def status(
        self, team: UUID | str, *, format: ReportFormatWord = ..., idempotency_key: str | None = None
    ) -> OwnJob: ...
    def file(self, job: UUID | str) -> ReportFile: ...
    def make(self, team: UUID | str, *, format: ReportFormatWord = ...) -> ReportFile: ...

@type_check_only
class Instance:
    def users(self, *, limit: object = 50, cursor: str | None = None) -> Page[User]: ...
    def get_user(self, user: UUID | str) -> User: ...
    def edit_user(
        self,
        user: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[AccountFields],
    ) -> User: ...
    def log_out(self, user: UUID | str, *, idempotency_key: str | None = None) -> None: ...
    def teams(self, *, limit: object = 50, cursor: str | None = None) -> Page[TeamSummary]: ...
    def audit(self, *, limit: object = 50, cursor: str | None = None) -> Page[AuditEntry]: ...

@type_check_only
class InstanceJobs:
    def list(
        self,
        *,
        state: JobStateWord | None = None,
        kind: str | None = None,
        team: UUID | str | None = None,
        limit: object = 50,
        cursor: str | None = None,
    ) -> Page[JobSummary]: ...
    def get(self, job: UUID | str) -> JobSummary: ...
    def schedules(self) -> Sequence[ScheduleSummary]: ...
    def retry(
        self, job: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> JobSummary: ...
    def cancel(
        self, job: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> JobSummary: ...
    def drop(
        self, job: UUID | str, *, if_version: int | None = None, idempotency_key: str | None = None
    ) -> None: ...
    def retry_all(
        self,
        *,
        state: JobStateWord = "dead",
        kind: str | None = None,
        team: UUID | str | None = None,
        after: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> Swept: ...
    def drop_all(
        self,
        *,
        state: JobStateWord = "dead",
        kind: str | None = None,
        team: UUID | str | None = None,
        after: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> Swept: ...

@type_check_only
class Sagas:
    def mine(self, *, limit: object = 50, cursor: str | None = None) -> Page[SagaSummary]: ...
    def list(self, *, limit: object = 50, cursor: str | None = None) -> Page[SagaSummary]: ...
    def get(self, saga: UUID | str) -> SagaSummary: ...
    def resume(self, saga: UUID | str, *, idempotency_key: str | None = None) -> SagaSummary: ...
    def cancel(self, saga: UUID | str, *, idempotency_key: str | None = None) -> SagaSummary: ...

@type_check_only
class Users:
    def register(
        self, email: str, *, name: str, password: str | None, time_zone: str = "UTC", is_admin: bool = False
    ) -> User: ...
    def is_invited(self, email: str) -> bool: ...
    def authenticate(self, email: str, password: str) -> User: ...
    def find(self, email: str | UUID) -> User: ...
    def list(self) -> Sequence[User]: ...
    def disable(self, email: str | UUID) -> User: ...
    def enable(self, email: str | UUID) -> User: ...
    def set_admin(self, email: str | UUID, *, is_admin: bool) -> User: ...
    def log_out(self, email: str | UUID) -> None: ...
    def reset_password(self, email: str | UUID, password: str) -> User: ...

@type_check_only
class Auth:
    def sign_up(
        self, email: str, *, name: str, password: str, time_zone: str = "UTC", origin: str | None = None
    ) -> SignedIn: ...
    def sign_in(self, email: str, password: str, *, origin: str | None = None) -> SignedIn: ...
    def refresh(self, token: str, *, origin: str | None = None) -> SignedIn: ...
    def sign_out(self, token: str, *, origin: str | None = None) -> None: ...
    def request_reset(self, email: str, *, origin: str | None = None) -> None: ...
    def reset(self, token: str, password: str, *, origin: str | None = None) -> None: ...
    def verify_email(self, token: str, *, origin: str | None = None) -> None: ...
    def api_token(self, text: str) -> tuple[Actor, datetime | None]: ...
    def external(self, vouched: ExternalIdentity, *, origin: str | None = None) -> Actor: ...

@type_check_only
class JobDesk:
    def handle(self, kind: str, handler: Handler, *, timeout_seconds: float | None = None) -> None: ...
    def enqueue(
        self,
        kind: str,
        payload: Mapping[str, Any] | None = None,
        *,
        at: datetime | None = None,
        unique_key: str | None = None,
        if_queued: Literal["refuse", "keep"] = "refuse",
        priority: JobPriorityWord = "normal",
        max_attempts: int = 20,
        user_id: UserId | None = None,
        team_id: TeamId | None = None,
    ) -> Job: ...
    def list(
        self,
        *,
        state: JobStateWord | None = None,
        kind: str | None = None,
        team: UUID | str | None = None,
        limit: object = 50,
        cursor: str | None = None,
    ) -> Page[Job]: ...
    def get(self, job: UUID | str) -> Job: ...
    def schedules(self) -> Sequence[ScheduleSummary]: ...
    def retry(self, job: UUID | str, *, if_version: int | None = None) -> Job: ...
    def cancel(self, job: UUID | str, *, if_version: int | None = None) -> Job: ...
    def drop(self, job: UUID | str, *, if_version: int | None = None) -> None: ...
    def retry_all(
        self,
        *,
        state: JobStateWord = "dead",
        kind: str | None = None,
        team: UUID | str | None = None,
        after: UUID | str | None = None,
    ) -> Swept: ...
    def drop_all(
        self,
        *,
        state: JobStateWord = "dead",
        kind: str | None = None,
        team: UUID | str | None = None,
        after: UUID | str | None = None,
    ) -> Swept: ...

@type_check_only
class SagaDesk:
    def list(self) -> Sequence[SagaSummary]: ...
    def get(self, saga: UUID | str) -> SagaSummary: ...
    def resume(self, saga: UUID | str) -> SagaSummary: ...
    def cancel(self, saga: UUID | str) -> SagaSummary: ...
    def hasten(self, saga: UUID | str) -> SagaSummary: ...
    def export(self, saga: UUID | str) -> bytes: ...

@type_check_only
class Mail:
    def subscription(self, token: str) -> str: ...
    def unsubscribe(self, token: str) -> str: ...
    def bounce(self, content: bytes) -> Sequence[Bounce]: ...

class Acting:
    user_id: UserId
    me: Me
    sessions: Sessions
    tokens: Tokens
    teams: Teams
    members: Members
    calendars: Calendars
    invitations: Invitations
    audit: Audit
    projects: Projects
    labels: Labels
    tasks: Tasks
    batches: Batches
    dependencies: Dependencies
    followers: Followers
    comments: Comments
    presence: Presences
    reminders: Reminders
    views: Views
    schedule: Schedules
    events: Events
    webhooks: Webhooks
    escalations: Escalations
    notifications: Notifications
    imports: Imports
    restores: Restores
    exports: Exports
    jobs: Jobs
    reports: StatusReports
    instance: Instance
    instance_jobs: InstanceJobs
    sagas: Sagas
    def consistency_token(self) -> str: ...

class TaskCore:
    handlers: Handlers
    store: Waking
    users: Users
    auth: Auth
    jobs: JobDesk
    sagas: SagaDesk
    mail: Mail
    def acting_as(
        self,
        who: UserId | UUID | Actor,
        *,
        origin: str | None = None,
        attempt: Attempt | None = None,
        after: str | Progress | None = None,
    ) -> Acting: ...
    def deliver_mail(self) -> None: ...
    def close(self) -> None: ...

@contextmanager
def open(  # noqa: A001  the library's word
    url: str,
    *,
    hasher: str | None = None,
    mail: str = "log://",
    solver: str = "heuristic://",
    bus: str = "memory://",
    jobs: str | None = None,
    blobs: str | None = None,
    webhook_networks: Sequence[IPv4Network | IPv6Network] = ...,
    signup: Signup = "open",
    public_url: str | None = None,
    clock: Clock = ...,
    ids: Ids | None = None,
) -> Iterator[TaskCore]: ...
