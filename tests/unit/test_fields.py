"""What a Python caller gave, held against the types that nobody need have checked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from taskcore.errors import Invalid
from taskcore.fields import sound, word
from taskcore.tasks.model import TaskFields
from taskcore.tasks.planning import TaskConstraint
from taskcore.tasks.views import ViewFields
from taskcore.teams.members import MemberFields
from taskcore.values import ConstraintRule, EstimateKind, Priority, Role, Status
from tests.unit.examples import ADA

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "given", "meant"),
    [
        ("status", "done", Status.DONE),
        ("priority", Priority.LOW, Priority.LOW),
        pytest.param("assignee_id", str(ADA.id), ADA.id, id="an id as text"),
        ("assignee_id", ADA.id, ADA.id),
        ("assignee_id", None, None),
        ("parent_id", "PLAT-1", "PLAT-1"),
        ("parent_id", ADA.id, ADA.id),
        ("labels", ("a", "b"), ("a", "b")),
        ("due_at", NOON, NOON),
        ("due_on", date(2026, 12, 1), date(2026, 12, 1)),
        ("estimate_minutes", 5, 5),
        pytest.param("candidates", [str(ADA.id), ADA.id], [ADA.id, ADA.id], id="ids as texts"),
        ("constraints", [{"rule": "start_by", "at": NOON}], [{"rule": ConstraintRule.START_BY, "at": NOON}]),
        (
            "constraints",
            [TaskConstraint(ConstraintRule.START_BY, NOON)],
            [{"rule": ConstraintRule.START_BY, "at": NOON}],
        ),
        ("estimate_kind", "milestone", EstimateKind.MILESTONE),
    ],
)
def test_a_word_stands_for_what_it_names(field: str, given: object, meant: object) -> None:
    assert sound(TaskFields, {field: given}) == {field: meant}


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("title", None),
        ("title", 3),
        ("status", "finished"),
        ("status", None),
        ("assignee_id", "ada"),
        ("assignee_id", 3),
        ("parent_id", 3),
        ("labels", "bug"),
        ("labels", [1]),
        ("due_at", date(2026, 12, 1)),
        ("due_on", NOON),
        ("due_on", "2026-12-01"),
        ("estimate_minutes", True),
        ("estimate_minutes", 1.5),
        ("candidates", ADA.id),
        ("candidates", ["ada"]),
        ("constraints", "start_by"),
        ("constraints", ["start_by"]),
        ("constraints", [{"at": NOON}]),
        ("constraints", [{"rule": "sometime", "at": NOON}]),
        ("constraints", [{"rule": "start_by", "at": "2026-12-01"}]),
        ("constraints", [{"rule": "start_by", "at": NOON, "by": 3}]),
        ("splittable", 1),
        ("version", 3),
    ],
)
def test_what_is_of_no_such_type_is_refused(field: str, given: object) -> None:
    with pytest.raises(Invalid) as refused:
        sound(TaskFields, {field: given})

    assert [fault.field for fault in refused.value.faults] == [field]


@pytest.mark.parametrize(
    "given", [{"query": []}, {"shared": "yes"}, {"shared": 1, "name": 2, "colour": "red"}]
)
def test_every_fault_is_told(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        sound(ViewFields, given)

    assert [fault.field for fault in refused.value.faults] == list(given)


def test_other_nouns_have_their_own_fields() -> None:
    assert sound(ViewFields, {"query": {"text": "x"}, "shared": True}) == {
        "query": {"text": "x"},
        "shared": True,
    }
    assert sound(MemberFields, {"role": "guest", "capacity_minutes_per_day": None}) == {
        "role": Role.GUEST,
        "capacity_minutes_per_day": None,
    }


def test_a_single_word_is_held_to_its_kind() -> None:
    assert word(Role, "admin", "role") is Role.ADMIN
    with pytest.raises(Invalid, match="role: must be one of owner, admin, member, guest, not 'boss'"):
        word(Role, "boss", "role")


def test_an_id_is_an_id_however_it_is_spelt() -> None:
    assert sound(TaskFields, {"project_id": str(UUID(int=7)).upper()}) == {"project_id": UUID(int=7)}
