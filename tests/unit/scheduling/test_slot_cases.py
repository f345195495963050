"""Outside cases for plans slot by slot: what is answered, and what is said of files that have faults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.cases.taskjuggler import main

OFFICE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def case(*tasks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A project from Monday, 5 January 2026, in Lisbon."""
    project = {
        "start": "2026-01-05T00:00",
        "end": "2026-03-02T00:00",
        "tz": "Europe/Lisbon",
        "slot_minutes": 60,
    }
    return {
        "id": "made up",
        "project": project,
        "calendar": {"hours": OFFICE, "holidays": [["2026-01-07T00:00", "2026-01-08T00:00"]]},
        "resources": [{"id": "ada"}, {"id": "bob"}],
        "tasks": list(tasks),
        **more,
    }


def effort(name: str, hours: float, *people: str, **more: Any) -> dict[str, Any]:
    allocate = [{"resource": person} for person in people or ("ada",)]
    return {"id": name, "kind": "effort", "hours": hours, "allocate": allocate, **more}


def on(name: str, **more: Any) -> list[dict[str, Any]]:
    return [{"on": name, "type": "FS", **more}]


class Asked:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys

    def __call__(self, **files: object) -> tuple[int, list[dict[str, Any]], str]:
        """The exit code, the lines, the summary."""
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (self._folder / f"{name}.json").write_text(text)
        code = main([str(self._folder)])
        said = self._capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines()], said.err

    def tasks(self, asked: dict[str, Any]) -> dict[str, list[str]]:
        _, [answer], _ = self(one=asked)
        found: dict[str, list[str]] = answer["tasks"]
        return found


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Asked:
    return Asked(tmp_path, capsys)


def test_dates_are_answered_in_the_zone_and_order_of_the_case(ask: Asked) -> None:
    made = case(
        effort("build", 20, depends=on("design", lag_working_hours=4)),
        effort("design", 12, deadline="2026-01-09T12:30"),
        {"id": "review", "kind": "elapsed", "hours": 30, "depends": on("build", lag_elapsed_hours=1)},
    )
    dates = {
        "build": ["2026-01-08T09:00", "2026-01-12T13:00"],
        "design": ["2026-01-05T09:00", "2026-01-06T13:00"],
        "review": ["2026-01-12T14:00", "2026-01-13T20:00"],
    }
    expected = {name: {"start": start, "end": end} for name, (start, end) in dates.items()}

    code, answers, summary = ask(one={**made, "expected": expected}, two=made)

    assert answers == [{"id": "made up", "tasks": dates}] * 2
    assert list(answers[0]["tasks"]) == ["build", "design", "review"]
    assert (code, summary) == (0, "2 cases, 1 with an expected answer; 0 different or refused\n")


def test_people_have_hours_leave_shifts_and_zones(ask: Asked) -> None:
    mornings = {day: [["06:00", "10:00"]] for day in ("wed", "thu", "sat")}
    made = case(
        effort("half", 10),
        effort("away", 20, "bob"),
        effort("far", 6, "eve"),
        effort("early", 16, "kim"),
        resources=[
            {"id": "ada", "hours": {"mon": [["09:00", "13:00"]], "wed": OFFICE["wed"], "thu": OFFICE["thu"]}},
            {"id": "bob", "leaves": [["2026-01-06T12:00", "2026-01-07T00:00"]]},
            {"id": "eve", "tz": "America/New_York", "leaves": [["2026-01-05T18:00", "2026-01-06T00:00"]]},
            {
                "id": "kim",
                "leaves": [["2026-01-08T00:00", "2026-01-09T00:00"]],
                "shift": {"start": "2026-01-06T00:00", "end": "2026-01-12T00:00", "hours": mornings},
            },
        ],
    )

    assert ask.tasks(made) == {
        "half": ["2026-01-05T09:00", "2026-01-08T15:00"],
        "away": ["2026-01-05T09:00", "2026-01-09T10:00"],
        "far": ["2026-01-05T14:00", "2026-01-06T16:00"],
        "early": ["2026-01-05T09:00", "2026-01-08T10:00"],
    }


def test_backwards_containers_and_work_that_was_done(ask: Asked) -> None:
    made = case(
        {"id": "phase", "kind": "container"},
        effort("phase.do", 10, parent="phase", booking=[["2026-01-05T09:00", "2026-01-05T13:00"]]),
        {"id": "phase.done", "kind": "milestone", "parent": "phase", "depends": on("phase.do")},
        effort("last", 6, "bob", end="2026-02-06T17:00"),
        effort("before", 8, precedes=[{"on": "last", "type": "FF", "lag_working_hours": 2}]),
    )
    made["project"]["now"] = "2026-01-12T09:30"

    assert ask.tasks(made) == {
        "phase": ["2026-01-05T09:00", "2026-01-12T16:00"],
        "phase.do": ["2026-01-05T09:00", "2026-01-12T16:00"],
        "phase.done": ["2026-01-12T16:00", "2026-01-12T16:00"],
        "last": ["2026-02-06T11:00", "2026-02-06T17:00"],
        "before": ["2026-02-05T15:00", "2026-02-06T15:00"],
    }


def test_any_of_several_and_limits_in_hours(ask: Asked) -> None:
    made = case(
        effort("held", 8, limits={"dailymax": 2.0, "weeklymax": 5, "monthlymax": 100}),
        {
            "id": "open",
            "kind": "effort",
            "hours": 10,
            "allocate": [{"any_of": ["ada", "bob"], "persistent": True}],
            "priority": 400,
        },
        resources=[{"id": "ada"}, {"id": "bob", "leaves": [["2026-01-06T00:00", "2026-01-07T00:00"]]}],
    )
    made["project"]["slot_minutes"] = 30

    assert ask.tasks(made) == {
        "held": ["2026-01-05T09:00", "2026-01-13T10:00"],
        "open": ["2026-01-05T09:00", "2026-01-08T11:00"],
    }


def test_the_order_of_keys_does_not_matter(ask: Asked) -> None:
    made = case(effort("b", 20, "ada", "bob", depends=on("a")), effort("a", 12, limits={"dailymax": 3}))

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: turned(each) for name, each in reversed(value.items())}
        return [turned(each) for each in value] if isinstance(value, list) else value

    _, [one, other], _ = ask(one=made, other=turned(made))

    assert one == other


def test_null_is_absent(ask: Asked) -> None:
    nothing = dict.fromkeys(("start", "limits", "direction", "parent", "depends", "deadline"))

    assert ask.tasks(case({**effort("a", 1), **nothing})) == ask.tasks(case(effort("a", 1)))


def test_a_folder_without_cases_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as refused:
        main([str(tmp_path)])

    assert refused.value.code == 2


def test_a_different_date_and_whatever_does_not_hold_are_told(ask: Asked) -> None:
    made = case(
        effort("a", 12, deadline="2026-01-05T16:00", mood="good"),
        expected={"a": {"start": "2026-01-05T09:00", "end": "2026-01-06T12:00"}},
        title="not needed",
    )

    code, _, summary = ask(one=made)

    assert code == 1
    assert summary.splitlines() == [
        "1 cases, 1 with an expected answer; 1 different or refused",
        "  one.json: a is 2026-01-05T09:00 to 2026-01-06T13:00, expected 2026-01-05T09:00 to 2026-01-06T12:00",
        "  one.json: a misses its deadline by 21 slots",
        "  one.json: not read: tasks[0].mood",
    ]


FAULTY: list[tuple[object, str]] = [
    ("{", "is not JSON"),
    ("[]", "project: "),
    (case(effort("a", 1, "eve")), "tasks[0].allocate[0]: there is no 'eve'"),
    (case(effort("a", 1, depends=on("b"))), "tasks[0].depends[0].on: there is no 'b'"),
    (case(effort("a", 1, parent="b")), "tasks[0].parent: there is no 'b'"),
    (case(effort("a", 1), effort("a", 1)), "tasks[1].id: must be there once: a"),
    (case({"id": "a", "kind": "effort", "hours": "long"}), "tasks[0].hours"),
    (case(effort("a", float("inf"))), "tasks[0].hours"),
    (case(calendar={"hours": OFFICE, "holidays": [["0001-01-01T00:00"] * 2]}), ""),
    (case({"id": "a", "kind": "guess"}), "tasks[0].kind"),
    (case({"kind": "milestone"}), "tasks[0].id"),
    (case(effort("a", -1)), "tasks[0]"),
    (case(effort("a", 1, start="tomorrow")), "tasks[0].start"),
    (case(effort("a", 1, start="2026-01-05T09:20")), "tasks[0].start: must be the beginning of a slot"),
    (case(effort("a", 1, start="2025-01-05T09:00")), "tasks[0].start: must be the beginning of a slot"),
    (case(effort("a", 1, direction="sideways")), "tasks[0]"),
    (case({"id": "a", "kind": "effort", "hours": 1, "allocate": [{}]}), "tasks[0].allocate[0]"),
    (case({**effort("a", 1), "allocate": [], "booking": [["2026-01-05T09:00"] * 2]}), "tasks[0].booking"),
    (case(calendar={"hours": {"mon": [["17:00", "09:00"]]}}), "calendar.hours.mon"),
    (case(resources=[{"id": "ada", "tz": "Europe/Atlantis"}]), "resources[0].tz"),
    (
        case(resources=[{"id": "ada", "leaves": [["2026-01-06T00:00", "2026-01-05T00:00"]]}]),
        "resources[0].leaves",
    ),
    (case(effort("a", 1, depends=on("b")), effort("b", 1, depends=on("a"))), "tasks: cycle: a → b → a"),
    (case(effort("a", 1), effort("b", 1000, "bob")), "tasks: no_working_time: b"),
]


@pytest.mark.parametrize(("faulty", "named"), FAULTY)
def test_a_faulty_file_is_named_with_its_field_and_the_others_are_answered(
    ask: Asked, faulty: object, named: str
) -> None:
    code, [refused, answered], summary = ask(bad=faulty, good=case(effort("a", 1)))

    assert code == 1
    assert refused["id"] == "bad"
    assert named in refused["error"]
    assert refused["error"].startswith("bad.json: ")
    assert "bad.json: refused: " in summary
    assert answered["tasks"] == {"a": ["2026-01-05T09:00", "2026-01-05T10:00"]}
