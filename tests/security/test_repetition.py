"""A request that is repeated under its Idempotency-Key answers as it did only to who may still do it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import attrs
import pytest

from taskcore.permissions import READS, table
from taskcore.ports import Unit
from taskcore.teams.model import Membership
from taskcore.values import Role
from taskcore_cli.keyed import Keyed
from tests.security.matrix import ways
from tests.security.scene import Scene
from tests.security.stages import STATUSES, Service, Stage
from tests.security.ways import DONE, HIDDEN, PERSONAL, SIGNED_OUT, Http, Outcome, Way

LEAVES = {"membership.leave"}
"""After which one is nothing in the team anyway."""
CELLS = [
    pytest.param(row, way, id=f"{row}-{number}")
    for row, number, way in ways()
    if way.http is not None and way.http.method != "GET" and row not in PERSONAL | LEAVES | READS
    if "admin" in way.callers and way.outcome(row, "admin", table()) is DONE
]


def become(service: Service, told: Scene, role: Role | None) -> None:
    """Make something else of the caller, or nothing, behind everybody's back."""

    async def work(unit: Unit) -> None:
        (own,) = await unit.find(Membership, team_id=told["team"], user_id=told.me.id)
        changed = [] if role is None else [attrs.evolve(own, role=role, version=own.version + 1)]
        await unit.save(changed, removed=[own] if role is None else [])

    service.run(service.core.store.transact(work))


def sent(service: Service, told: Scene, wanted: Http) -> Outcome:
    answer = service.send(told, wanted, headers={"idempotency-key": "once"})
    return DONE if answer.is_success else STATUSES[answer.status_code]


@pytest.mark.parametrize(("row", "way"), CELLS)
def test_who_is_out_of_the_team_hears_it_no_more(service: Service, row: str, way: Way) -> None:
    assert way.http is not None
    told = service.set("admin", way)
    first = sent(service, told, way.http)
    become(service, told, None)

    assert first is DONE
    assert sent(service, told, way.http) is HIDDEN, row


@pytest.mark.parametrize(("row", "way"), CELLS)
def test_who_lost_the_right_hears_it_no_more(service: Service, row: str, way: Way) -> None:
    assert way.http is not None
    told = service.set("admin", way)
    first = sent(service, told, way.http)
    become(service, told, Role.GUEST)
    again = sent(service, told, way.http)

    assert first is DONE
    if row == "view.manage_own":
        return  # of a shared view, which any guest may read
    assert again in {way.outcome(row, caller, table()) for caller in ("guest", "guest of nothing")}


@pytest.mark.parametrize(("row", "way"), CELLS)
def test_who_may_still_do_it_hears_it_again(service: Service, row: str, way: Way) -> None:
    assert way.http is not None
    told = service.set("admin", way)
    answers = [service.send(told, way.http, headers={"idempotency-key": "once"})]
    state = service.state(told)
    answers.append(service.send(told, way.http, headers={"idempotency-key": "once"}))

    assert answers[0].status_code == answers[1].status_code, row
    assert service.state(told) == state
    if row == "import.run":
        return  # which knows again what came in before, and says so
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    ("row", "way"),
    [
        pytest.param(row, way, id=f"{row}-{number}")
        for row, number, way in ways()
        if way.library is not None and row not in PERSONAL | LEAVES | READS | {"import.run"}
        if "admin" in way.callers and way.outcome(row, "admin", table()) is DONE
    ],
)
def test_the_library_does_nothing_twice_under_a_key(stage: Stage, row: str, way: Way) -> None:
    told = stage.set("admin", way)
    answers, states = [], []
    for _ in range(2):
        me: Any = Keyed(stage.core.acting_as(told.actor), "once")
        assert way.library is not None
        answers.append(stage.run(awaited(way.library(me, told))))
        states.append(stage.state(told))

    assert repr(answers[1]) == repr(answers[0]), row
    assert states[1] == states[0]


async def awaited(attempt: Awaitable[Any]) -> Any:
    return await attempt


def test_a_signed_out_session_hears_nothing(service: Service) -> None:
    told = service.set("admin")
    wanted = Http("PATCH", "/v1/teams/{team}", {"name": "New"})
    first = sent(service, told, wanted)
    service.run(service.core.acting_as(told.me.id).sessions.revoke(told["session"]))

    assert (first, sent(service, told, wanted)) == (DONE, SIGNED_OUT)


def changes() -> list[Any]:
    """Each way of changing something over HTTP, with somebody who may."""
    found = []
    for row, number, way in ways():
        if (
            way.http is None
            or way.http.method == "GET"
            or row in READS | {"auth.sign_up_in_out", "import.run"}
        ):
            continue
        if row == "api_token.revoke_own":
            continue  # its answer says nothing, and a token may take back itself
        may = [caller for caller in way.callers if way.outcome(row, caller, table()) is DONE]
        found += [pytest.param(row, way, may[0], id=f"{row}-{number}")] if may else []
    return found


@pytest.mark.parametrize(("row", "way", "caller"), changes())
def test_a_token_hears_what_it_may_do_itself(service: Service, row: str, way: Way, caller: str) -> None:
    assert way.http is not None
    told = service.set(caller, way, scopes=("read",))
    first = sent(service, told, way.http)
    again = service.send(told, way.http, told["bearer"], headers={"idempotency-key": "once"})

    assert first is DONE
    assert again.status_code in STATUSES, (row, again.text)
