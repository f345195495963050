"""A plan as a page: whole in one file, within its own policy, whatever its texts are."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.planning.model import PlanComparison, PlanConflict, PlanMove, PlanReason
from taskcore.planning.pictures.page import gantt_html, page_policy
from taskcore.planning.pictures.style import Theme
from taskcore.scheduling.activities import Cause, Rule
from tests.unit.planning.demo import NOW, PEOPLE, TASKS, after, at, demo, key, many, planned, task_id

VOID = {"meta"}


class Reader(HTMLParser):
    """The elements, their attributes and the texts, of a page whose elements are all closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


MOVE = PlanMove(task_id(11), key(11), at(30, month=11), at(4, 18), at(1), at(7, 18), after(3))
SEEN = Reader(gantt_html(demo(moves=(MOVE,))))


def test_all_elements_are_closed_and_none_runs_or_loads_anything() -> None:
    assert SEEN.open == []
    assert {"script", "link", "img", "iframe", "object", "form"} & SEEN.tags == set()
    assert {
        name for name in SEEN.attributes if name.startswith("on") or name in ("style", "src", "href")
    } == set()


@settings(max_examples=40)
@given(st.text(max_size=60) | st.just("</table></svg><script>alert(1)</script>\"'<!--"))
def test_any_text_makes_the_same_page(text: str) -> None:
    reason = PlanReason(Cause.NOW, NOW, text)
    task = attrs.evolve(planned(1, text, 0, at(1), 24, due_at=at(1)), key=text, reasons=(reason, reason))
    people = tuple(attrs.evolve(each, name=text) for each in PEOPLE)
    conflict = PlanConflict(task_id(1), text, Rule.START_BY, NOW, 5, reason)
    move = attrs.evolve(MOVE, key=text, reason=reason)
    plan = demo(team_key=text, people=people, tasks=(task,), conflicts=(conflict,), moves=(move,))
    seen = Reader(gantt_html(plan))

    assert seen.open == []
    assert seen.tags <= SEEN.tags | {"li"}
    assert seen.attributes <= SEEN.attributes


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_the_policy_allows_the_pages_own_style_by_its_hash_and_nothing_else(theme: Theme) -> None:
    page = gantt_html(demo(), theme=theme)
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()

    assert len(style) == 1
    assert page_policy(theme).split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert page_policy(theme).replace("'", "&#39;") in page


def test_every_date_and_reason_can_be_unfolded() -> None:
    two = attrs.evolve(TASKS[5], reasons=(after(5), after(2)))
    page = gantt_html(demo(tasks=(*TASKS[:5], two)))
    row = next(each for each in page.split("<tr>") if each.startswith("<td>ORB-6<"))
    cells = re.findall(r"<td>(.*?)</td>", row)

    assert cells[1:6] == [
        "<bdi>Billing</bdi>", "Katherine Johnson", "Tue 1 Dec 13:00", "Mon 7 Dec 10:00", "critical"
    ]  # fmt: skip
    assert cells[6] == 'Thu 3 Dec 18:00 <span class="late-text">9 h late</span>'
    assert cells[7] == (
        "<details><summary>waits for ORB-5 to finish</summary><ul><li>waits for ORB-2 to finish</li></ul></details>"
    )


def test_what_it_comes_to_stands_at_the_top() -> None:
    facts = re.findall(r"<b>(.*?)</b>", gantt_html(demo()))

    assert facts == [
        "Tue 15 Dec 09:00",
        "at most 3.2 % longer than the best plan possible",
        "6 tasks",
        "2 tasks",
    ]


def test_conflicts_and_moves_are_told() -> None:
    assert "Constraints that could not be kept" in SEEN.texts
    assert "What applying it moves: 1 task" in SEEN.texts
    assert "Mon 30 Nov 09:00 \N{EN DASH} Fri 4 Dec 18:00" in SEEN.texts
    assert "Workload" in SEEN.texts


def test_a_what_if_is_compared() -> None:
    page = gantt_html(demo(comparison=PlanComparison(at(15), 0, 600, 600)))

    assert "At the same time as without the change; 0 tasks moved; 10 h late in all, 10 h before" in page


def test_a_long_plan_can_be_scrolled_in_and_its_names_stay() -> None:
    wide = [int(each) for each in re.findall(r'<svg width="(\d+)"', gantt_html(many(60)))]

    assert wide[0] <= 430
    assert 780 < wide[1] <= 3200


def test_no_task_is_a_page_too() -> None:
    page = Reader(gantt_html(demo(tasks=(), links=())))

    assert page.open == []
    assert "Plan of ORB: there is no unfinished task." in page.texts


def test_two_thousand_tasks_are_less_than_three_megabytes() -> None:
    assert len(gantt_html(many(2000)).encode()) < 3_000_000
