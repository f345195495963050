"""What an expression means to whoever asks it: whom, when, in which team's day; and what stores are asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest

from taskcore.errors import Invalid, Malformed, NotFound, Unauthenticated
from taskcore.expression.parser import parsed
from taskcore.permissions import Actor
from taskcore.query import AllOf, AnyOf, NotOf, TaskFilter
from taskcore.tasks.conditions import Asker, narrowed, needs_teams, within_teams
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Priority, Status, UserId
from tests.unit.refusals import refusal

ME = UserId(UUID(int=7))
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
ASKER = Asker(ME, NOW)
UNFINISHED = tuple(status for status in Status if not status.finished)


def asked(expression: str, /, **given: Any) -> TaskFilter:
    return narrowed(TaskFilter(**given), parsed(expression), ASKER)


def part(**fields: Any) -> TaskFilter:
    return TaskFilter(deleted=None, **fields)


def bound(name: str, moment: datetime) -> tuple[Any, ...]:
    return (name, ((None, moment),))


# What a store is asked


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("status:open priority:high", {"status": (Status.OPEN,), "priority": (Priority.HIGH,)}),
        ("(assignee:me or assignee:none)", {"assignee": (ME, None)}),
        ("label:a or label:b,c or label:a", {"label": ("a", "b", "c")}),
        ("-status:done,cancelled", {"status": UNFINISHED}),
        ("not not status:done", {"status": (Status.DONE,)}),
        ("-is:overdue -blocked:false", {"overdue": False, "blocked": True}),
        ("STRASSE", {"text": "strasse"}),
        ("a (b (status:done))", {"text": "a", "status": (Status.DONE,), "rest": part(text="b")}),
        ("due<now", {"bounds": (bound("due_before", NOW),)}),
        ("due<=now", {"bounds": (bound("due_before", NOW + timedelta(microseconds=1)),)}),
        (
            "due>now due<now+1w",
            {
                "bounds": (
                    bound("due_after", NOW + timedelta(microseconds=1)),
                    bound("due_before", NOW + timedelta(days=7)),
                )
            },
        ),
        ("-assignee:me", {"rest": NotOf(part(assignee=(ME,)))}),
        (
            "label:a (is:overdue or label:b)",
            {"label": ("a",), "rest": AnyOf((part(label=("b",)), part(overdue=True)))},
        ),
        ("-x -y", {"rest": AllOf((NotOf(part(text="x")), NotOf(part(text="y"))))}),
        ("-(label:a is:overdue)", {"rest": NotOf(part(label=("a",), overdue=True))}),
    ],
)
def test_a_store_is_asked_by_its_ordinary_fields_as_far_as_can_be(text: str, fields: dict[str, Any]) -> None:
    assert asked(text) == TaskFilter(**fields)


def test_what_is_asked_beside_the_expression_must_hold_too() -> None:
    found = asked("status:done label:b x", status=(Status.OPEN,), deleted=True, text="y")

    assert found == TaskFilter(
        status=(Status.OPEN,),
        label=("b",),
        text="y",
        deleted=True,
        rest=part(status=(Status.DONE,), text="x"),
    )


def test_the_headline_needs_no_more_than_ordinary_fields() -> None:
    text = 'status:open (assignee:me or assignee:none) due<now+7d "login page"'

    assert asked(text) == TaskFilter(
        status=(Status.OPEN,),
        assignee=(ME, None),
        bounds=(bound("due_before", NOW + timedelta(days=7)),),
        text="login page",
    )


@pytest.mark.parametrize(
    ("text", "teams", "rest"),
    [
        ("team:A", ("A",), None),
        ("x team:A,B", ("A", "B"), "x"),
        ("x or team:A", (), "x or team:A"),
        ("-team:A", (), "-team:A"),
    ],
)
def test_the_teams_that_bound_an_answer_are_named_to_the_store(
    text: str, teams: tuple[str, ...], rest: str | None
) -> None:
    found, left = within_teams(parsed(text))

    assert found == teams
    assert left == (parsed(rest) if rest else None)


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("due<now", False),
        ("due:none", False),
        ("x (y or -due<today)", True),
        ("due<2026-12-01", True),
        ("-team:A", True),
    ],
)
def test_teams_are_read_only_for_a_day_or_a_name(text: str, needs: bool) -> None:  # noqa: FBT001
    assert needs_teams(parsed(text)) is needs


# What is answered


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    return await world.team(ada)


async def numbers(person: Person, q: str, **fields: Any) -> list[int]:
    page = await person.me.tasks.list(q=q, sort="number", **fields)
    assert await person.me.tasks.count(q=q, **fields) == len(page.items)
    return [task.number for task in page.items]


async def test_what_is_not_set_is_neither_within_nor_equal_and_so_without(ada: Person, team: Team) -> None:
    await ada.me.tasks.create(team.id, "Bare")
    await ada.me.tasks.create(team.id, "Set", assignee_id=ada.user.id, due_at=NOW - timedelta(days=9))

    for text in ("assignee:me", "due<now", "due:2026-10-24", "-due:none", "-assignee:none"):
        assert await numbers(ada, text) == [2], text
        assert await numbers(ada, f"-({text})") == [1], text
        assert await numbers(ada, f"-({text}) or ({text})") == [1, 2], text


async def test_a_day_is_a_day_of_each_teams_zone(world: World, ada: Person) -> None:
    world.clock.now = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)  # 2 a.m. of the 3rd in Kiribati
    home = await ada.me.teams.create("Home", key="HOME", time_zone="UTC")
    far = await ada.me.teams.create("Far", key="FAR", time_zone="Pacific/Kiritimati")
    for each in (home, far):
        await ada.me.tasks.create(each.id, "2nd", due_at=datetime(2026, 11, 2, 9, tzinfo=UTC))
        await ada.me.tasks.create(each.id, "3rd", due_at=datetime(2026, 11, 2, 10, tzinfo=UTC))

    async def keys(q: str) -> list[str]:
        return sorted(task.key for task in (await ada.me.tasks.list(q=q)).items)

    assert await keys("due:today") == ["FAR-2", "HOME-1", "HOME-2"]
    assert await keys("due<today") == ["FAR-1"]
    assert await keys("due>today") == []
    assert await keys("due<=2026-11-02") == ["FAR-1", "HOME-1", "HOME-2"]
    assert await keys("due>2026-11-02") == await keys("due:tomorrow-0d or due>=2026-11-03") == ["FAR-2"]
    assert await keys("due<2026-11-03") == await keys("due<=2026-11-02")


async def test_bounds_of_an_expression_are_those_of_the_parameters(ada: Person, team: Team) -> None:
    for number in (1, 2, 3):
        await ada.me.tasks.create(team.id, "x", due_at=datetime(2026, 12, number, tzinfo=UTC))
    before = await ada.me.tasks.list(due_before=date(2026, 12, 2), sort="number")
    after = await ada.me.tasks.list(due_after=date(2026, 12, 2), sort="number")

    assert await numbers(ada, "due<2026-12-02") == [task.number for task in before.items] == [1]
    assert await numbers(ada, "due>=2026-12-02") == [task.number for task in after.items] == [2, 3]


async def test_the_trash_stays_a_parameter(ada: Person, team: Team) -> None:
    for _ in range(2):
        await ada.me.tasks.create(team.id, "x")
    await ada.me.tasks.delete(f"{team.key}-1")

    assert await numbers(ada, "-is:overdue or -x") == [2]
    assert await numbers(ada, "-is:overdue or -x", deleted=True) == [1]


async def test_a_team_that_one_is_not_in_is_not_there(world: World, ada: Person, team: Team) -> None:
    other = await world.team(await world.person())
    await ada.me.tasks.create(team.id, "x")

    for text in (f"team:{other.key}", f"x or team:{other.id}", f"-team:{other.slug}"):
        assert await refusal(ada.me.tasks.list(q=text)) == (NotFound, "not_found"), text
    assert await numbers(ada, f"-team:{team.id}") == []
    assert await numbers(ada, f"y or team:{team.key}") == [1]
    assert await numbers(ada, f"team:{team.key}", team=team.id) == [1]


async def test_a_team_that_is_gone_or_out_of_a_tokens_reach_is_not_there(
    world: World, ada: Person, team: Team
) -> None:
    gone, other = await world.team(ada), await world.team(ada)
    await ada.me.teams.delete(gone.id)
    here = world.core.acting_as(Actor(ada.user.id, team_id=team.id))

    assert await refusal(ada.me.tasks.list(q=f"x or team:{gone.key}")) == (NotFound, "not_found")
    assert await refusal(here.tasks.list(q=f"x or team:{other.key}")) == (NotFound, "not_found")
    assert (await here.tasks.list(q=f"x or team:{team.key}")).items == []
    assert (await ada.me.tasks.list(q=f"x or team:{other.key}")).items == []


async def test_whoever_is_nobody_learns_nothing_of_teams(world: World, team: Team) -> None:
    nobody = world.core.acting_as(UUID(int=1))

    assert await refusal(nobody.tasks.list(q=f"x or team:{team.key}")) == (Unauthenticated, "unauthenticated")
    assert await refusal(nobody.tasks.list(q="x or team:NONE")) == (Unauthenticated, "unauthenticated")


@pytest.mark.parametrize("text", ["due<0001-01-01", "due<=9999-12-31", "due<today+99999w now"])
async def test_a_day_that_no_calendar_has_is_a_fault(world: World, ada: Person, text: str) -> None:
    await ada.me.teams.create("Far", key="FAR", time_zone="Europe/Berlin")
    world.clock.now = datetime(9000, 1, 1, tzinfo=UTC)
    with pytest.raises(Malformed) as refused:
        await ada.me.tasks.list(q=text)

    assert refused.value.data == {"column": text.index("<") + 2 + (text[4] == "=")}


async def test_a_view_keeps_an_expression_as_it_was_written(ada: Person, team: Team) -> None:
    written = "Status:open  or -assignee:ME due<now+7d"
    view = await ada.me.views.create(team.id, "Mine", query={"q": written})
    with pytest.raises(Invalid) as refused:
        await ada.me.views.create(team.id, "Bad", query={"q": "a ("})

    assert view.query == {"q": written}
    assert type(refused.value) is Invalid
    assert [each.field for each in refused.value.faults] == ["query/q"]
    assert refused.value.data == {"column": 4}


async def test_a_cursor_goes_on_in_its_own_expression_alone(world: World, ada: Person, team: Team) -> None:
    for _ in range(3):
        await ada.me.tasks.create(team.id, "x")
    first = await ada.me.tasks.list(q="x or due<now", limit=2)
    world.clock.advance(hours=1)
    rest = await ada.me.tasks.list(q="x or due<now", cursor=first.next_cursor)

    assert len(rest.items) == 1
    assert await refusal(ada.me.tasks.list(q="x", cursor=first.next_cursor)) == (Malformed, "malformed")
    assert attrs.asdict(rest)["next_cursor"] is None
