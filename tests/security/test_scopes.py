"""What an API token is good for: what its user's role and its scopes both allow, in its team, and never more."""

from __future__ import annotations

import pytest

from taskcore.errors import Forbidden, Unauthenticated
from taskcore.permissions import NEVER_BY_TOKEN, READS, SCOPES, Actor, table
from taskcore.values import UserId
from tests.security.matrix import ways
from tests.security.scene import CALLERS, new_id
from tests.security.stages import Service, Stage, library_stage
from tests.security.ways import DONE, FORBIDDEN, HIDDEN, PERSONAL, Outcome, Way

pytestmark = pytest.mark.slow

EXAMPLES = {
    "read": ("task.list", "task.read", "project.read", "comment.read", "event.read", "membership.list"),
    "write": (
        "task.create",
        "task.delete_other",
        "comment.create",
        "label.manage",
        "task.read",
        "event.read",
    ),
    "admin": ("team.delete", "invitation.create", "audit_log.export", "task.create", "instance.user_list"),
    "tasks:read": ("task.list", "task.read", "comment.read"),
    "tasks:write": (
        "task.update_other",
        "comment.create",
        "dependency.manage",
        "view.manage_own",
        "task.read",
    ),
    "projects:read": ("project.list", "project.read"),
    "projects:write": ("project.create", "label.manage", "project.read"),
    "members:read": ("membership.list",),
    "events:read": ("event.read",),
}
COUNTEREXAMPLES = {
    "read": ("task.create", "comment.create", "user.update_self", "project.archive", "membership.leave"),
    "write": (
        "team.update",
        "invitation.create",
        "task.purge",
        "import.run",
        "audit_log.read",
        "team.export",
    ),
    "admin": (
        "api_token.create_own",
        "membership.set_role_owner",
        "user.delete_self",
        "instance.user_suspend",
    ),
    "tasks:read": ("task.create", "comment.create", "project.list", "event.read", "membership.list"),
    "tasks:write": ("project.create", "label.manage", "task.purge", "team.update"),
    "projects:read": ("project.create", "task.list"),
    "projects:write": ("task.create", "project.share_with_guest"),
    "members:read": ("membership.remove_other", "task.list"),
    "events:read": ("task.list",),
}


def actor(*scopes: str) -> Actor:
    return Actor(UserId(new_id()), scopes=frozenset(scopes))


def allowed(row: str, way: Way, *scopes: str) -> bool:
    """Whether a token for `scopes` is good for a way that its user has."""
    asked = (row, *way.needs)
    if way.writes and not actor(*scopes).may_write:
        return False
    return not way.never_by_token and all(actor(*scopes).has_scope(each) for each in asked)


def granted(row: str, way: Way) -> str | None:
    """Somebody to whom a way is open."""
    open_to = (
        caller for caller in CALLERS if caller in way.callers and way.outcome(row, caller, table()) is DONE
    )
    return next(open_to, None)


CELLS = [
    pytest.param(row, way, caller, scope, id=f"{row}-{number}-{scope}")
    for row, number, way in ways()
    if way.library is not None and not row.startswith("auth.")
    for caller in [granted(row, way)]
    if caller is not None
    for scope in SCOPES
]


@pytest.mark.parametrize("scope", EXAMPLES)
def test_a_scope_is_good_for_what_it_says(scope: str) -> None:
    assert [row for row in EXAMPLES[scope] if not actor(scope).has_scope(row)] == []
    assert [row for row in COUNTEREXAMPLES[scope] if actor(scope).has_scope(row)] == []


def test_no_scope_is_good_for_what_would_give_more_than_it() -> None:
    everything = actor(*SCOPES)

    assert {row for row in table() if not everything.has_scope(row)} == NEVER_BY_TOKEN


def test_who_may_only_read_changes_nothing() -> None:
    reading = actor(*(scope for scope in SCOPES if scope.endswith("read")))

    assert {row for row in table() if reading.has_scope(row)} <= READS | {"api_token.revoke_own"}


@pytest.mark.parametrize(("row", "way", "caller", "scope"), CELLS)
def test_a_token_does_what_role_and_scopes_both_allow(row: str, way: Way, caller: str, scope: str) -> None:
    with library_stage("memory://") as stage:
        told = stage.set(caller, way, scopes=(scope,))
        before = stage.state(told)
        attempt = stage.attempt(told, way, told.token_actor)

        if allowed(row, way, scope):
            assert attempt.outcome is DONE
        else:
            assert (attempt.outcome, attempt.code) == (FORBIDDEN, "insufficient_scope")
            assert before == stage.state(told)


@pytest.mark.parametrize(
    ("row", "way", "caller", "scope"),
    [
        cell
        for cell in CELLS
        if cell.values[1].http is not None and cell.values[3] in ("read", "admin")  # type: ignore[union-attr]
    ],
)
def test_a_bearer_does_what_role_and_scopes_both_allow(
    service: Service, row: str, way: Way, caller: str, scope: str
) -> None:
    assert way.http is not None
    told = service.set(caller, way, scopes=(scope,))
    attempt = service.ask(told, way.http, told["bearer"])

    if allowed(row, way, scope):
        assert attempt.outcome is DONE
    else:
        assert (attempt.outcome, attempt.code) == (FORBIDDEN, "insufficient_scope")


ELSEWHERE = [
    pytest.param(row, way, caller, id=f"{row}-{number}-{caller}")
    for row, number, way in ways()
    if way.library is not None and row not in PERSONAL
    for caller in ("owner", "guest", "instance admin")
    if caller in way.callers
]


@pytest.mark.parametrize(("row", "way", "caller"), ELSEWHERE)
def test_a_token_for_one_team_has_no_way_into_another(stage: Stage, row: str, way: Way, caller: str) -> None:
    told = stage.set(caller, way, scopes=SCOPES, only="second")
    before, entered = stage.state(told), stage.audited(told)
    attempt = stage.attempt(told, way, told.token_actor)

    assert attempt.outcome is HIDDEN, (row, attempt)
    assert (stage.state(told), stage.audited(told)) == (before, entered)


@pytest.mark.parametrize(
    ("row", "way"), [(row, way) for row, _, way in ways() if row.startswith("instance.")]
)
def test_a_token_for_one_team_does_not_run_the_instance(stage: Stage, row: str, way: Way) -> None:
    told = stage.set("instance admin", way, scopes=SCOPES, only="second")

    assert stage.attempt(told, way, told.token_actor).outcome is FORBIDDEN, row


def test_a_token_for_one_team_is_good_there(stage: Stage) -> None:
    for row, _, way in ways():
        if way.library is None or row in PERSONAL | NEVER_BY_TOKEN or way.never_by_token:
            continue
        if granted(row, way) != "owner":
            continue
        told = stage.set("owner", way, scopes=("admin",), only="team")

        assert stage.attempt(told, way, told.token_actor).outcome is DONE, row


def test_a_token_for_one_team_lists_that_one_alone(stage: Stage) -> None:
    told = stage.set("owner", scopes=SCOPES, only="team")
    me = stage.core.acting_as(told.token_actor)
    teams = stage.run(me.teams.list()).items
    tasks = stage.run(me.tasks.list()).items

    assert [each.id for each in teams] == [told["team"]]
    assert {each.team_id for each in tasks} == {told["team"]}
    assert stage.run(me.views.mine()).items == [told.things["own_view"]]


def test_a_token_takes_back_itself_alone(stage: Stage) -> None:
    told = stage.set("owner", scopes=("read",), only="team")
    by_token = stage.core.acting_as(told.token_actor)

    with pytest.raises(Forbidden):
        stage.run(by_token.tokens.revoke(told["own_token"]))
    stage.run(by_token.tokens.revoke(told["bearer_token"]))
    with pytest.raises(Unauthenticated):
        stage.run(by_token.teams.get(told["team"]))


def test_a_revoked_token_is_good_for_nothing(service: Service) -> None:
    told = service.set("owner", scopes=SCOPES)
    way = next(way for row, _, way in ways() if row == "team.read")
    assert way.http is not None
    before = service.ask(told, way.http, told["bearer"])
    service.run(service.core.acting_as(told.actor).tokens.revoke(told["bearer_token"]))

    assert before.outcome is DONE
    assert service.ask(told, way.http, told["bearer"]).outcome is Outcome.SIGNED_OUT
