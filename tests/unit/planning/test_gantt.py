"""A plan as a picture: what it shows, to whom, and that nobody's texts can break it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.planning.model import (
    PlanComparison,
    PlanConflict,
    PlanLink,
    PlanMove,
    PlannedTask,
    PlanReason,
    Schedule,
)
from taskcore.planning.pictures.gantt import gantt_svg
from taskcore.planning.pictures.page import gantt_html
from taskcore.scheduling.activities import Cause, Rule
from taskcore.values import DependencyType, LagUnit, Priority, Status
from tests.unit.planning.demo import (
    LINKS,
    NOW,
    PEOPLE,
    TASKS,
    after,
    at,
    below,
    demo,
    key,
    link,
    many,
    planned,
    task_id,
)
from tests.unit.planning.reading import SVG, parsed, styled, tags, texts, tooltips

TOLD = (
    "15 tasks from Tue 24 Nov 09:00 to Tue 15 Dec 09:00, at most 3.2 % longer than the best plan possible. "
    "Critical: ORB-2, ORB-5, ORB-6, ORB-8, ORB-14, ORB-15. Late: ORB-6, ORB-15. 1 constraint could not be kept."
)
TAGS = set(tags(gantt_svg(demo())))
HOSTILE = "</title></svg><script>alert(1)</script>\x00\x1b[31m\u202egnp.exe &amp; \"'<!--"


def only(**changes: Any) -> Schedule:
    """A plan of one task."""
    return demo(tasks=(attrs.evolve(planned(1, "Billing", 0, at(1), 24), **changes),), links=(), conflicts=())


@settings(max_examples=60)
@given(st.text(max_size=80), st.sampled_from([320, 1200]))
def test_any_text_makes_the_same_well_formed_picture(text: str, wide: int) -> None:
    reason = PlanReason(Cause.NOW, NOW, text)
    strange = only(title=text, key=text, reasons=(reason,))
    people = tuple(attrs.evolve(each, name=text) for each in PEOPLE)
    conflict = PlanConflict(task_id(1), text, Rule.START_BY, NOW, 5, reason)
    drawn = gantt_svg(attrs.evolve(strange, team_key=text, people=people, conflicts=(conflict,)), width=wide)

    assert set(tags(drawn)) <= TAGS


def test_a_hostile_text_is_a_text() -> None:
    drawn = gantt_svg(only(title=HOSTILE))

    shown = "</title></svg><script>alert(1)</script>[31mgnp.exe &amp; \"'<!--"
    assert f"ORB-1 {shown}" in tooltips(drawn)[0]
    assert any(each.startswith("</title></svg><script>alert(1)") for each in texts(drawn))


def test_nothing_comes_from_elsewhere_and_nothing_runs() -> None:
    drawn = gantt_svg(demo())
    names = {name for each in parsed(drawn).iter() for name in each.attrib}

    assert not {name for name in names if name.startswith("on") or "href" in name or name == "style"}
    assert f"{SVG}script" not in tags(drawn)
    assert set(re.findall(r"url\(([^)]*)\)", drawn)) == {"#arrow", "#arrow-critical"}
    assert re.findall(r"https?://[^\"]*", drawn) == ["http://www.w3.org/2000/svg"]


def test_it_is_told_to_those_who_do_not_see_it() -> None:
    root = parsed(gantt_svg(demo()))
    told = {each.get("id"): each.text for each in root if each.get("id")}

    assert root.get("role") == "img"
    assert [told[name] for name in root.attrib["aria-labelledby"].split()] == ["Plan of ORB", TOLD]


def test_each_task_has_a_line_with_all_there_is_to_say_of_it() -> None:
    told = {each.split()[0]: each.split("\n") for each in tooltips(gantt_svg(demo())) if "→" not in each}

    assert set(told) == {task.key for task in TASKS}
    assert told["ORB-6"] == [
        "ORB-6 Billing",
        "Katherine Johnson",
        "Tue 1 Dec 13:00 \N{EN DASH} Mon 7 Dec 10:00",
        "Critical: a delay moves the end or misses a deadline",
        "Due Thu 3 Dec 18:00: 9 h late",
        "waits for ORB-5 to finish",
    ]
    assert told["ORB-3"][3:] == ["40 % done", "Slack 18 h, free 18 h"]


def test_a_long_title_is_cut_where_it_is_seen_and_whole_where_it_is_pointed_at() -> None:
    drawn = gantt_svg(demo())
    title = TASKS[6].title

    assert title not in texts(drawn)
    assert "Import from other tools (CSV, JSO…" in texts(drawn)
    assert any(title in each for each in tooltips(drawn))


def test_subtasks_stand_below_their_container_in_the_order_of_their_starts() -> None:
    drawn = texts(gantt_svg(demo()))
    keys = [each for each in drawn if re.fullmatch(r"ORB-\d+", each)]

    assert keys == [key(n) for n in (1, 2, 3, 4, 5, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15)]


def test_tasks_within_each_other_or_within_none_of_the_plan_are_shown_once() -> None:
    first = planned(1, "a", 0, at(1), 8, **below(2))
    second = planned(2, "b", 0, at(1), 8, **below(1))
    third = planned(3, "c", 0, at(1), 8, **below(99))

    assert len(styled(gantt_svg(demo(tasks=(first, second, third), links=())), "row")) == 3


def test_a_task_whose_container_is_not_in_the_plan_stands_where_it_begins() -> None:
    tasks = (
        planned(1, "a", 0, at(2), 8),
        planned(2, "b", 0, at(1), 8, **below(99)),
        planned(3, "c", 0, at(3), 8),
    )
    drawn = texts(gantt_svg(demo(tasks=tasks, links=(), conflicts=())))

    assert [each for each in drawn if each in ("a", "b", "c")] == ["b", "a", "c"]


def test_critical_tasks_and_links_differ_by_more_than_colour() -> None:
    drawn = gantt_svg(demo())

    assert len(styled(drawn, "link", "critical")) == sum(each.critical for each in LINKS)
    assert [each.get("marker-end") for each in styled(drawn, "link", "critical")] == [
        "url(#arrow-critical)"
    ] * 5
    assert ".critical .body,.milestone.critical{stroke-width:1.75}" in drawn
    assert ".link.critical{stroke-width:1.75}" in drawn
    assert len(styled(drawn, "bars")[0].findall(f"{SVG}g[@class='critical']")) == sum(
        t.critical for t in TASKS
    )


def test_critical_links_lie_on_top() -> None:
    drawn = [each.get("class") for each in styled(gantt_svg(demo()), "link") if each.get("marker-end")]

    assert drawn == ["link"] * 7 + ["link critical"] * 5


def test_a_link_says_its_type_and_lag() -> None:
    told = {each for each in tooltips(gantt_svg(demo())) if "→" in each}

    assert {"ORB-3 → ORB-10 (FS + 2 h)", "ORB-10 → ORB-12 (FF + 1 h)", "ORB-2 → ORB-5 (FS), critical"} <= told


def test_a_link_to_what_is_not_in_the_plan_has_no_line() -> None:
    drawn = gantt_svg(demo(tasks=TASKS[:3], links=(link(3, 10), link(11, 2))))

    assert styled(drawn, "link") == []
    assert "waits for" not in texts(drawn)


def test_late_is_said_in_words() -> None:
    drawn = gantt_svg(demo())

    assert {"9 h late", "15 Dec, 4 h late"} <= set(texts(drawn))
    assert len(styled(drawn, "flag", "late")) == 2 + 1  # and the sign below


def test_a_due_date_that_is_kept_beyond_the_end_of_time_moves_nothing() -> None:
    far = only(due_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))

    assert styled(gantt_svg(far), "bars")[0].find(f".//{SVG}path[@class='flag']") is None
    assert styled(gantt_svg(far), "body")[0].attrib == styled(gantt_svg(only()), "body")[0].attrib
    assert "Due Fri 31 Dec 9999 23:59" in tooltips(gantt_svg(far))[0]


@pytest.mark.parametrize("start", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 1, tzinfo=UTC)])
def test_a_plan_at_the_ends_of_time_is_drawn(start: datetime) -> None:
    finish = start + timedelta(days=30, hours=23, minutes=59)
    drawn = gantt_svg(only(start=start, finish=finish, late_finish=finish))

    assert len(styled(drawn, "row")) == 1


def test_what_began_long_ago_leaves_room_for_the_plan() -> None:
    old = planned(1, "old", 0, at(1) - timedelta(days=4000), 8, progress=0.5)
    new = planned(2, "new", 0, at(1), 40)
    bars = styled(gantt_svg(demo(tasks=(old, new), links=(), free_time=())), "body")

    assert float(bars[1].attrib["width"]) > 100


def test_what_is_done_fills_the_working_time_of_a_bar() -> None:
    """From Thursday 14:00 to Monday 14:00: two days beside the weekend, the first of which ends after one of four."""
    drawn = gantt_svg(demo(tasks=(planned(1, "a", 0, at(3, 14), 16, progress=0.5),), links=()))
    part, body = (float(styled(drawn, name)[0].attrib["width"]) for name in ("part", "body"))

    assert part / body == pytest.approx(0.25, abs=0.005)


@pytest.mark.parametrize(
    ("progress", "said"), [(0.999, "99 % done"), (1.0, "100 % done"), (0.29, "29 % done")]
)
def test_only_what_is_done_is_done_in_full(progress: float, said: str) -> None:
    assert said in tooltips(gantt_svg(only(progress=progress)))[0]


def test_a_bar_is_pale_where_nobody_works() -> None:
    drawn = gantt_svg(demo(tasks=(planned(1, "a", 0, at(3), 24),), links=()))

    assert len(styled(drawn, "gap")) == 1
    assert styled(drawn, "gap")[0].attrib["d"].count("M") == 1


def test_what_was_planned_before_is_a_thin_line() -> None:
    assert len(styled(gantt_svg(demo()), "was")) == 1 + 1


def test_a_what_if_is_compared() -> None:
    move = PlanMove(task_id(8), key(8), at(3), at(5, 18), at(7, 11), at(10, 15), after(6))
    plan = demo(comparison=PlanComparison(at(16), -1500, 600, 780, (move,)))
    drawn = gantt_svg(plan)

    said = "1 d 1 h sooner than without the change; 1 task moved; 13 h late in all, 10 h before"
    bars = styled(drawn, "bars")[0]

    assert said in texts(drawn)
    assert [each.get("transform") for each in bars if each.find(f"{SVG}rect[@class='was']") is not None] == [
        f"translate(0,{7 * 28})"
    ]


def test_who_is_only_in_the_what_if_and_what_is_applied_is_told() -> None:
    people = (attrs.evolve(PEOPLE[0], tried=True),)
    drawn = gantt_svg(demo(tasks=TASKS[1:2], people=people, conflicts=(), applied=True))

    assert "\nAda Lovelace (what if)\n" in tooltips(drawn)[0]
    assert "1 task · 1 person · applied · times in Europe/Berlin" in texts(drawn)


def test_the_end_and_how_good_it_is_stand_below() -> None:
    assert "Ends Tue 15 Dec 09:00, at most 3.2 % longer than the best plan possible" in texts(
        gantt_svg(demo())
    )
    assert "Ends Tue 15 Dec 09:00, proven shortest" in texts(gantt_svg(demo(finish_bound=at(15), gap=0.0)))


def test_conflicts_are_listed() -> None:
    broken = demo().conflicts * 11
    drawn = gantt_svg(demo(conflicts=broken))

    said = "⚠︎ ORB-8 has to finish by Wed 9 Dec 12:00, and misses it by 11 h 30 min: waits for ORB-6 to finish"
    assert texts(drawn).count(said) == 8
    assert "and 3 more conflicts" in texts(drawn)


def test_only_signs_that_are_there_are_explained() -> None:
    plain = texts(gantt_svg(only(critical=False)))

    assert "task" in plain
    assert {"critical (thick edge): a delay moves the end", "milestone", "due", "slack", "before"} & set(
        plain
    ) == set()


def test_no_task_is_a_picture_too() -> None:
    drawn = gantt_svg(demo(tasks=(), links=(), conflicts=()))

    assert "Nothing to plan" in texts(drawn)
    assert parsed(drawn).find(f"{SVG}desc") is not None


def test_themes() -> None:
    auto, light, dark = (gantt_svg(demo(), theme=theme) for theme in ("auto", "light", "dark"))

    assert "@media (prefers-color-scheme:dark)" in auto
    assert "@media" not in light + dark
    assert ".page{fill:#ffffff}" in light
    assert ".page{fill:#0f141b}" in dark


@pytest.mark.parametrize(("asked", "given"), [(1, 320), (700, 700), (10**9, 8000)])
def test_it_is_as_wide_as_asked_within_reason(asked: int, given: int) -> None:
    assert parsed(gantt_svg(demo(), width=asked)).get("width") == str(given)


def test_two_thousand_tasks_are_less_than_three_megabytes() -> None:
    drawn = gantt_svg(many(2000))

    assert len(styled(drawn, "row")) == 2000
    assert len(drawn.encode()) < 3_000_000


instants = st.integers(-400, 4000).map(lambda hours: at(1) + timedelta(hours=hours, minutes=hours % 7))
ids = st.integers(1, 5).map(task_id)
tasks = st.builds(
    PlannedTask,
    task_id=ids,
    key=st.just("ORB-1"),
    title=st.just("x"),
    status=st.just(Status.OPEN),
    priority=st.just(Priority.NONE),
    **dict.fromkeys(
        ("start", "finish", "early_start", "early_finish", "late_start", "late_finish"), instants
    ),
    **dict.fromkeys(("total_slack_minutes", "free_slack_minutes", "late_minutes"), st.integers(-3000, 3000)),
    **dict.fromkeys(("critical", "container", "milestone"), st.booleans()),
    parent_id=st.none() | ids,
    due_at=st.none() | instants,
    planned_start=st.none() | instants,
    planned_finish=st.none() | instants,
    progress=st.floats(-1, 2),
)
links = st.builds(
    PlanLink, ids, ids, st.sampled_from(DependencyType), st.integers(-99, 99), st.sampled_from(LagUnit)
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(tasks, max_size=6),
    st.lists(links, max_size=8),
    instants,
    instants,
    instants,
    st.integers(300, 2000),
)
def test_any_plan_is_drawn(  # drawn by chance
    some: list[PlannedTask],
    waits: list[PlanLink],
    start: datetime,
    finish: datetime,
    now: datetime,
    wide: int,
) -> None:
    plan = demo(tasks=tuple(some), links=tuple(waits), start=start, finish=finish, now=now, conflicts=())
    drawn = gantt_svg(plan, width=wide)

    assert len(styled(drawn, "row")) == len({task.task_id for task in some})
    assert re.search(r'(?:width|height)="-|nan|inf"', drawn) is None
    assert "</html>" in gantt_html(plan)
