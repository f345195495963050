"""
A small instance as one caller meets it: a team with everybody in it, what is theirs and what is others', and
more teams beyond the wall.

It is written in one unit of work and without use cases: thousands of scenes cost little, and no use case is
needed to test another.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

import attrs

from taskcore.delivery.inbox import Notification, Reason
from taskcore.delivery.model import Delivery, Webhook
from taskcore.delivery.payloads import of_test
from taskcore.delivery.preferences import NotificationPreferences
from taskcore.events import Event, Stamp, instant_text
from taskcore.identity.model import (
    ApiToken,
    AuditEntry,
    Credential,
    EmailToken,
    Purpose,
    RefreshToken,
    Session,
    User,
)
from taskcore.identity.tokens import API, MAILED, REFRESH, hashed, written
from taskcore.jobs.model import Job, JobState
from taskcore.jobs.states import new_job
from taskcore.permissions import Actor
from taskcore.ports import KEYS, EventSearch, Rows, Store, Unit
from taskcore.sagas.model import Saga, SagaState
from taskcore.system import new_token, uuid7_ids
from taskcore.tasks.lifecycle import created
from taskcore.tasks.model import Comment, Dependency, SavedView, Task
from taskcore.tasks.reminding import Reminder
from taskcore.teams.model import Invitation, Label, Membership, Project, Team
from taskcore.values import (
    AuditId,
    CommentId,
    DeliveryId,
    EscalationId,
    InvitationId,
    LabelId,
    NotificationId,
    ProjectId,
    ReminderAnchor,
    ReminderId,
    Role,
    SagaId,
    SessionId,
    Status,
    TaskId,
    TeamId,
    TokenId,
    UserId,
    ViewId,
    WebhookId,
)
from taskcore.watching.model import (
    EscalationAction,
    EscalationRule,
    EscalationStep,
    EscalationTrouble,
)

CALLERS = {
    "owner": "owner",
    "admin": "admin",
    "member": "member",
    "guest": "guest",
    "guest of nothing": "guest",
    "outsider": "outsider",
    "instance admin": "instance_admin",
    "shut out": "anonymous",
    "signed out": "anonymous",
}
"""Who comes, and which column of the table they are. Who is shut or signed out would be an owner."""
IN_TEAM = {
    "owner": Role.OWNER,
    "other_owner": Role.OWNER,
    "admin": Role.ADMIN,
    "other_admin": Role.ADMIN,
    "member": Role.MEMBER,
    "other_member": Role.MEMBER,
    "guest": Role.GUEST,
    "other_guest": Role.GUEST,
    "lone_guest": Role.GUEST,
}
ELSEWHERE = ("outsider", "other_outsider", "foreigner", "host", "root", "other_root")
ACTS_AS = {"guest of nothing": "guest", "instance admin": "root", "shut out": "owner", "signed out": "owner"}
PASSWORD = "correct horse battery"
UNSEEN = "Under the roof"
"""What is written in the project that is shared with no guest."""
DAY_OFF = date(2026, 12, 24)
"""For every team, and once more for each of its members."""
LATER = datetime(2999, 1, 1, tzinfo=UTC)
"""Before which nobody begins with a job."""
CALENDAR = {
    "hours": None,
    "exceptions": [{"from": str(DAY_OFF), "to": str(DAY_OFF), "hours": None, "name": ""}],
}
new_id = uuid7_ids()


def now() -> datetime:
    return datetime.now(UTC)


def fresh_key() -> str:
    """A team's key that nobody has."""
    number, letters = int.from_bytes(new_id().bytes[8:]), "T"
    while len(letters) < 10:
        number, letter = divmod(number, 26)
        letters += chr(ord("A") + letter)
    return letters


@attrs.define(slots=False)
class Scene:
    """Everything by name; `me` is the caller."""

    caller: str
    things: dict[str, Any]
    texts: dict[str, str]
    """What a request may be made of besides ids."""
    rest: list[Any]
    events: list[Event]
    core: Any = None
    """The task engine on the store that it was written to."""

    def __getitem__(self, name: str) -> Any:
        """The id of a thing, or a text."""
        return self.texts[name] if name in self.texts else self.things[name].id

    @cached_property
    def names(self) -> dict[str, str]:
        """What stands for `{name}` in a path, a body or a command line."""
        ids = {name: str(thing.id) for name, thing in self.things.items()}
        emails = {
            f"{name}_email": thing.email for name, thing in self.things.items() if isinstance(thing, User)
        }
        return {**ids, **emails, **self.texts}

    @property
    def me(self) -> User:
        user: User = self.things["me"]
        return user

    @property
    def actor(self) -> Actor:
        return Actor(self.me.id, session_id=self.things["session"].id)

    @property
    def saved(self) -> list[Any]:
        """Every thing, once."""
        return list({id(thing): thing for thing in (*self.things.values(), *self.rest)}.values())

    @property
    def unseen(self) -> tuple[str, ...]:
        """By what a guest would know that they were shown too much."""
        return (*(self.names[name] for name in ("unshared_project", "unshared_task")), UNSEEN)

    async def save(self, unit: Unit) -> None:
        await unit.save(self.saved, events=self.events)

    def give_token(self, scopes: tuple[str, ...], team: str | None = None) -> None:
        """An API token of the caller's, good in one team only if it is named: the thing `bearer`, whose
        text has the same name."""
        self.texts["bearer"] = written(API, new_token())
        home = self[team] if team else None
        token = _api_token(self.me, hashed(self.texts["bearer"]), scopes=scopes, team_id=home)
        self.things["bearer_token"] = token

    @property
    def token_actor(self) -> Actor:
        token: ApiToken = self.things["bearer_token"]
        scopes = frozenset(token.scopes)
        return Actor(self.me.id, token_id=token.id, scopes=scopes, team_id=token.team_id)


def scene(caller: str, password_hash: str, *, suspended: bool = False, ownerless: bool = False) -> Scene:
    """The instance as `caller` meets it; with suspended teams, or one whose owners' accounts are shut."""
    since = now()
    shut = {"owner"} if caller == "shut out" else {"owner", "other_owner"} if ownerless else set()
    people = {name: _user(name, shut=name in shut) for name in (*IN_TEAM, *ELSEWHERE)}
    me = people[ACTS_AS.get(caller, caller)]
    suspended_at = since if suspended else None
    team, second, inviting, elsewhere = (
        _team(name, suspended_at) for name in ("Platform", "Second", "Those who ask", "Elsewhere")
    )
    members = [
        Membership(team.id, people[name].id, role, since, calendar=CALENDAR) for name, role in IN_TEAM.items()
    ]
    members += [
        Membership(elsewhere.id, people[name].id, Role.OWNER, since)
        for name in ("outsider", "other_outsider")
    ]
    members.append(Membership(inviting.id, people["host"].id, Role.OWNER, since))
    members += [Membership(second.id, each.id, Role.OWNER, since) for each in (me, people["host"])]
    guests = {people["other_guest"].id} | ({people["guest"].id} if caller != "guest of nothing" else set())
    others = people["other_owner" if caller != "owner" else "other_member"]
    things: dict[str, Any] = {
        **people,
        "me": me,
        "team": team,
        "second": second,
        "inviting": inviting,
        "elsewhere": elsewhere,
        **_credentials(me, others, people, team, revoked=caller == "signed out"),
        **_projects(me, others, team, guests),
    }
    things |= _tasks(me, others, things, elsewhere)
    things |= _small_things(me, others, things, elsewhere)
    things |= {"own_notice": _notice(me), "foreign_notice": _notice(people["foreigner"])}
    things |= _webhooks(others, things, elsewhere)
    things |= _jobs(me, others, team)
    things |= _ending(me)
    things |= _escalations(others, things, elsewhere)
    tickets = {name: new_token() for name in ("own_ticket", "foreign_ticket")}
    things |= _invitations(me, others, team, inviting, tickets)
    tokens = {name: written(MAILED, new_token()) for name in ("reset", "verification")}
    tokens["refresh"] = written(REFRESH, new_token())
    return Scene(
        caller,
        things,
        {
            "fresh_key": fresh_key(),
            "fresh_email": f"new-{new_id().hex}@example.org",
            "password": PASSWORD,
            "team_key": team.key,
            "team_slug": team.slug,
            "foreign_key": elsewhere.key,
            "foreign_label_name": things["foreign_label"].name,
            "label_name": things["label"].name,
            **tickets,
            **tokens,
        },
        rest=[
            *members,
            NotificationPreferences(me.id),
            Credential(me.id, password_hash),
            *_mailed(me, things, tokens),
            *_ties(things),
        ],
        events=_events(things),
    )


def _user(name: str, *, shut: bool) -> User:
    since, user_id = now(), UserId(new_id())
    return User(
        user_id,
        f"{name}-{user_id.hex}@example.org",
        name.replace("_", " ").title(),
        since,
        is_admin=name.endswith("root"),
        email_verified_at=since,
        disabled_at=since if shut else None,
    )


def _notice(user: User) -> Notification:
    return Notification(
        user.id, NotificationId(new_id()), Reason.ASSIGNED, new_id().hex, "It is yours", now()
    )


def _team(name: str, suspended_at: datetime | None) -> Team:
    key, since = fresh_key(), now()
    return Team(
        TeamId(new_id()),
        name,
        key.lower(),
        key,
        since,
        since,
        calendar=CALENDAR,
        suspended_at=suspended_at,
    )


def _ending(me: User) -> dict[str, Any]:
    """A team that is being deleted, whose saga failed."""
    since = now()
    team = attrs.evolve(_team("Ending", None), deleted_at=since)
    data = {"team": {"name": team.name, "key": team.key}, "people": [], "purge_at": instant_text(since)}
    saga = Saga(
        SagaId(new_id()),
        "team.delete",
        since,
        "export",
        SagaState.FAILED,
        team.id,
        me.id,
        last_error="the disk is full",
        data=data,
    )
    return {"ending": team, "saga": saga}


def _session(user: User, *, revoked: bool = False) -> Session:
    since = now()
    end = since + timedelta(days=1)
    return Session(SessionId(new_id()), user.id, since, end, since, revoked_at=since if revoked else None)


def _api_token(user: User, token_hash: str, *, scopes: tuple[str, ...], team_id: Any = None) -> ApiToken:
    return ApiToken(
        TokenId(new_id()), user.id, "A program's", scopes, token_hash, "tca_…", now(), team_id=team_id
    )


def _credentials(
    me: User, others: User, people: dict[str, User], team: Team, *, revoked: bool
) -> dict[str, Any]:
    def token(user: User, home: Team | None = None) -> ApiToken:
        return _api_token(user, hashed(new_token()), scopes=("read",), team_id=home.id if home else None)

    return {
        "session": _session(me, revoked=revoked),
        "other_session": _session(me),
        "foreign_session": _session(people["foreigner"]),
        "own_token": token(me),
        "foreign_token": token(others),
        "member_token": token(people["other_member"], team),
        "admin_token": token(people["other_admin"], team),
    }


def _mailed(me: User, things: dict[str, Any], tokens: dict[str, str]) -> list[Any]:
    since, session = now(), things["other_session"]
    until = since + timedelta(hours=1)
    refresh, reset, verification = (
        (TokenId(new_id()), hashed(tokens[name])) for name in ("refresh", "reset", "verification")
    )
    return [
        RefreshToken(refresh[0], session.id, me.id, refresh[1], since, until),
        EmailToken(reset[0], Purpose.RESET, me.email, reset[1], since, until, user_id=me.id),
        EmailToken(verification[0], Purpose.VERIFY, me.email, verification[1], since, until, user_id=me.id),
    ]


def _projects(me: User, others: User, team: Team, guests: set[UserId]) -> dict[str, Any]:
    def project(by: User, name: str = "Launch", shared: set[UserId] = guests) -> Project:
        since = now()
        return Project(ProjectId(new_id()), team.id, name, by.id, since, since, guests=tuple(sorted(shared)))

    return {
        "project": project(others),
        "own_project": project(me),
        "unshared_project": project(others, UNSEEN, set()),
    }


def _task(team: Team, by: User, number: int, project: Project | None = None, **fields: Any) -> Task:
    since = now()
    plain = Task(
        TaskId(new_id()),
        team.id,
        number,
        f"{team.key}-{number}",
        "Ship it",
        by.id,
        "V",
        since,
        since,
        project_id=project.id if project else None,
    )
    return attrs.evolve(plain, **fields)


def _tasks(me: User, others: User, things: dict[str, Any], elsewhere: Team) -> dict[str, Any]:
    team, project = things["team"], things["project"]
    gone = {"deleted_at": now()}
    followers = tuple(sorted({me.id, things["other_admin"].id}))
    return {
        "task": _task(team, others, 0, project, followers=followers),
        "own_task": _task(team, me, 0, project),
        "finished_task": _task(team, others, 0, project, status=Status.DONE, completed_at=now()),
        "first_task": _task(team, others, 0, project),
        "binned_task": _task(team, others, 0, project, deleted_by=others.id, **gone),
        "own_binned_task": _task(team, others, 0, project, deleted_by=me.id, **gone),
        "unshared_task": _task(team, others, 0, things["unshared_project"], title=UNSEEN),
        "foreign_task": _task(elsewhere, things["other_outsider"], 0),
    }


def _small_things(me: User, others: User, things: dict[str, Any], elsewhere: Team) -> dict[str, Any]:
    since, team, task = now(), things["team"], things["task"]

    def comment(by: User) -> Comment:
        return Comment(CommentId(new_id()), team.id, task.id, by.id, "Looks good", since)

    def view(by: User, *, shared: bool) -> SavedView:
        return SavedView(ViewId(new_id()), team.id, by.id, "Late", since, since, shared=shared)

    def reminder(by: User) -> Reminder:
        return Reminder(ReminderId(new_id()), team.id, task.id, by.id, ReminderAnchor.DUE, since)

    def label(home: Team) -> Label:
        return Label(LabelId(new_id()), home.id, f"bug {new_id().hex}", since)

    return {
        "own_comment": comment(me),
        "comment": comment(others),
        "own_view": view(me, shared=False),
        "shared_view": view(others, shared=True),
        "private_view": view(others, shared=False),
        "own_reminder": reminder(me),
        "other_reminder": reminder(others),
        "label": label(team),
        "foreign_label": label(elsewhere),
        "foreign_project": Project(
            ProjectId(new_id()), elsewhere.id, "Theirs", things["other_outsider"].id, since, since
        ),
        "foreign_comment": Comment(
            CommentId(new_id()),
            elsewhere.id,
            things["foreign_task"].id,
            things["other_outsider"].id,
            "Theirs",
            since,
        ),
        "foreign_view": SavedView(
            ViewId(new_id()), elsewhere.id, things["other_outsider"].id, "Theirs", since, since, shared=True
        ),
    }


def _webhooks(others: User, things: dict[str, Any], elsewhere: Team) -> dict[str, Any]:
    def webhook(home: Team, by: User) -> Webhook:
        since = now()
        return Webhook(WebhookId(new_id()), home.id, "https://hooks.example.org", by.id, since, since)

    def delivery(of: Webhook) -> Delivery:
        return of_test(of, DeliveryId(new_id()), now())

    theirs, foreign = webhook(things["team"], others), webhook(elsewhere, things["other_outsider"])
    return {
        "webhook": theirs,
        "delivery": delivery(theirs),
        "foreign_webhook": foreign,
        "foreign_delivery": delivery(foreign),
    }


def _jobs(me: User, others: User, team: Team) -> dict[str, Any]:
    def job(by: User) -> Job:
        return new_job(
            new_id(), "no.such", now(), {"title": UNSEEN}, user_id=by.id, team_id=team.id, at=LATER
        )

    dead = attrs.evolve(job(others), state=JobState.DEAD, due_at=None, ended_at=now(), last_error=UNSEEN)
    return {"own_job": job(me), "job": job(others), "dead_job": dead}


def _escalations(others: User, things: dict[str, Any], elsewhere: Team) -> dict[str, Any]:
    def rule(home: Team, by: User) -> EscalationRule:
        since = now()
        steps = (EscalationStep(EscalationAction.RAISE_PRIORITY),)
        return EscalationRule(
            EscalationId(new_id()), home.id, "Hurry", EscalationTrouble.OVERDUE, steps, by.id, since, since
        )

    return {
        "escalation": rule(things["team"], others),
        "foreign_escalation": rule(elsewhere, things["other_outsider"]),
    }


def _invitations(
    me: User, others: User, team: Team, inviting: Team, tickets: dict[str, str]
) -> dict[str, Any]:
    def invitation(home: Team, email: str, role: Role, ticket: str) -> Invitation:
        since, by = now(), others.id
        end = since + timedelta(days=1)
        return Invitation(InvitationId(new_id()), home.id, email, role, hashed(ticket), by, since, end)

    someone = f"asked-{new_id().hex}@example.org"
    return {
        "asked_member": invitation(team, someone, Role.MEMBER, new_token()),
        "asked_admin": invitation(team, f"a{someone}", Role.ADMIN, new_token()),
        "asked_me": invitation(inviting, me.email, Role.MEMBER, tickets["own_ticket"]),
        "asked_another": invitation(inviting, f"b{someone}", Role.MEMBER, tickets["foreign_ticket"]),
    }


def _ties(things: dict[str, Any]) -> list[Any]:
    team, since = things["team"], now()
    return [Dependency(team.id, things["first_task"].id, things["task"].id, since)]


def _events(things: dict[str, Any]) -> list[Event]:
    stamp = Stamp(things["other_owner"].id, now(), new_id)
    return [created(things[name], stamp) for name in ("task", "unshared_task", "foreign_task")]


State = dict[str, Any]
IN_TEAMS = tuple(
    kind for kind in KEYS if "team_id" in attrs.fields_dict(kind) and kind not in (AuditEntry, ApiToken)
)
OF_PEOPLE = (Session, RefreshToken, EmailToken, ApiToken, Credential, Notification, NotificationPreferences)


async def state_of(rows: Rows | Unit, told: Scene) -> State:
    """All that there is of a scene, the audit apart: what a refused request leaves as it was."""
    things = told.saved
    teams = tuple(each.id for each in things if isinstance(each, Team))
    people = tuple(each.id for each in things if isinstance(each, User))
    found: list[Any] = [
        *await rows.find(Team, id=teams),
        *await rows.find(User, id=people),
        *[each for kind in IN_TEAMS for each in await rows.find(kind, team_id=teams)],
        *[each for kind in OF_PEOPLE for each in await rows.find(kind, user_id=people)],
    ]
    last = {f"Event {team}": await _last_event(rows, team) for team in teams}
    return {_name(each): _state(each) for each in found} | last


async def _last_event(rows: Rows | Unit, team_id: TeamId) -> int:
    events = await rows.events(EventSearch(team_id, newest_first=True, limit=1))
    return events[0].seq if events else 0


def _name(thing: Any) -> str:
    return " ".join([type(thing).__name__, *(str(getattr(thing, field)) for field in KEYS[type(thing)])])


def _state(thing: Any) -> Any:
    """Without what is noted of a credential's mere use."""
    if isinstance(thing, ApiToken):
        return attrs.evolve(thing, used_at=None, version=1)
    return attrs.evolve(thing, blocked=False) if isinstance(thing, Task) else thing


async def audited(rows: Rows | Unit, told: Scene) -> dict[AuditId, AuditEntry]:
    """The entries about a scene: of its teams, and of its caller."""
    teams = tuple(each.id for each in told.saved if isinstance(each, Team))
    entries = [
        *await rows.find(AuditEntry, team_id=teams),
        *await rows.find(AuditEntry, actor_id=told.me.id),
    ]
    return {each.id: each for each in entries}


async def write(store: Store, told: Scene) -> Scene:
    """The scene in a store, with the numbers and keys that it gave the tasks."""
    foundation = [each for each in told.saved if isinstance(each, User | Team)]
    rest = [each for each in told.saved if not isinstance(each, User | Team)]

    async def found(unit: Unit) -> list[Any]:
        return await unit.save(foundation)

    async def fill(unit: Unit) -> list[Any]:
        return await unit.save(rest, events=told.events)

    saved = [*await store.transact(found), *await store.transact(fill)]
    by_id = {each.id: each for each in saved if hasattr(each, "id")}
    told.things = {name: by_id[thing.id] for name, thing in told.things.items()}
    return told
