"""
Any story that can happen to a team's tasks: what the engine says after each step is what a simple
model says, and its log, played from the start, tells the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date, datetime
from typing import Any

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from taskcore import Task, blocking
from taskcore.errors import TaskCoreError
from taskcore.events import Event, plain
from taskcore.tasks.model import DERIVED, MAX_LEVELS, TaskFields
from taskcore.testing import FakeClock
from taskcore.values import DependencyType, Priority, Status

UNTOLD = DERIVED | {
    "id",
    "team_id",
    "number",
    "key",
    "version",
    "created_at",
    "updated_at",
    "created_by",
    "lease",
}
TOLD = [field for field in attrs.fields(Task) if field.name not in UNTOLD]
LABELS = ("bug", "ui")

keys: Bundle[str] = Bundle("keys")
fields = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Ship it", "Sail it"]),
        "status": st.sampled_from(Status),
        "priority": st.sampled_from(Priority),
        "labels": st.lists(st.sampled_from(LABELS), unique=True),
        "due_on": st.none() | st.just(date(2026, 12, 1)),
        "estimate_minutes": st.none() | st.integers(0, 3),
        "required_skills": st.none() | st.lists(st.sampled_from(["sql", "design"])),
        "constraints": st.lists(st.just({"rule": "as_late_as_possible"}), max_size=1),
    },
)


@attrs.define
class Card:
    """A task as the simple model knows it."""

    key: str
    status: Status
    parent: str | None = None
    version: int = 1
    started: bool = False
    deleted_at: datetime | None = None
    before: dict[str, DependencyType] = attrs.field(factory=dict)
    """Predecessors, by key."""


class AnyStory(RuleBasedStateMachine):
    """Ada owns the team, and does it all."""

    @initialize(target=keys)
    def found(self) -> MultipleResults[str]:
        self.open = ExitStack()
        self.clock = FakeClock()
        self.core = self.open.enter_context(
            blocking.open("memory://", hasher="scrypt://?n=2", clock=self.clock)
        )
        people = [
            self.core.users.register(f"{name}@example.org", name=name, password="correct horse battery")
            for name in ("ada", "bob")
        ]
        self.people = [None, *(person.id for person in people)]
        self.me = self.core.acting_as(people[0].id)
        self.team = self.me.teams.create("Platform", key="PLAT", time_zone="Asia/Tokyo")
        _, token = self.me.invitations.create("PLAT", people[1].email)
        self.core.acting_as(people[1].id).invitations.accept(token)
        for name in LABELS:
            self.me.labels.create("PLAT", name)
        self.projects = [None, *(self.me.projects.create("PLAT", name).id for name in ("Engine", "Hull"))]
        self.cards: dict[str, Card] = {}
        self.made = 0
        self.replayed: dict[str, dict[str, Any]] = {}
        self.seq = 0
        return multiple(*(self.create({}) for _ in range(3)))

    def teardown(self) -> None:
        self.open.close()

    # Verbs: the model says first what is to come, then the engine is asked.

    @rule(target=keys, fields=fields)
    @precondition(lambda self: self.made < 5)
    def create_another(self, fields: TaskFields) -> str:
        return self.create(fields)

    def create(self, fields: TaskFields) -> str:
        self.clock.advance(minutes=1)
        task = self.me.tasks.create("PLAT", **{"title": "Ship it", **fields})  # type: ignore[arg-type]
        self.cards[task.key] = Card(task.key, task.status, started=task.status is Status.IN_PROGRESS)

        self.made += 1
        assert task.key == f"PLAT-{self.made}"
        return task.key

    @rule(key=keys, fields=fields, force=st.booleans())
    def edit(self, key: str, fields: TaskFields, force: bool) -> None:  # noqa: FBT001  hypothesis gives it
        card = self.cards.get(key)
        new = fields.get("status", card.status if card else Status.OPEN)
        obstructed = new is Status.DONE and card and new is not card.status and self._obstructed(card)
        code = "not_found" if not self._lives(key) else "blocked" if obstructed and not force else None
        self._change(key, code, lambda: self.me.tasks.edit(key, force=force, **fields))
        if card and code is None:
            card.status = Status(new)
            card.started |= new is Status.IN_PROGRESS

    @rule(key=keys, who=st.integers(0, 2), where=st.integers(0, 2))
    def hand_over(self, key: str, who: int, where: int) -> None:
        fields = TaskFields(assignee_id=self.people[who], project_id=self.projects[where])
        self._change(key, self._missing(key), lambda: self.me.tasks.edit(key, **fields))

    @rule(key=keys, other=keys)
    def move_behind(self, key: str, other: str) -> None:
        code = self._missing(key, other) or ("invalid" if key == other else None)
        self._change(key, code, lambda: self.me.tasks.move(key, after=other))
        if code is None:
            assert self.me.tasks.get(other).rank < self.me.tasks.get(key).rank

    @rule(key=keys, parent=st.none() | keys)
    def nest(self, key: str, parent: str | None) -> None:
        code = self._missing(key)
        if code is None and parent is not None:
            code = self._unfit_parent(key, parent)
        self._change(key, code, lambda: self.me.tasks.edit(key, parent_id=parent))
        if code is None:
            self.cards[key].parent = parent

    @rule(key=keys, who=st.integers(1, 2), wanted=st.booleans())
    def follow(self, key: str, who: int, wanted: bool) -> None:  # noqa: FBT001
        verb = self.me.followers.add if wanted else self.me.followers.remove
        user = self.people[who]
        assert user is not None
        self._change(key, self._missing(key), lambda: verb(key, user))

    @rule(key=keys, before=keys, kind=st.sampled_from(DependencyType))
    def link(self, key: str, before: str, kind: DependencyType) -> None:
        code = self._missing(key, before) or (
            "cycle" if self._would_wait_for_itself(link=(before, key)) else None
        )
        self._ask(code, lambda: self.me.dependencies.link(key, before, type=kind))
        if code is None:
            self.cards[key].before[before] = kind

    @rule(key=keys, before=keys)
    def unlink(self, key: str, before: str) -> None:
        known = self._lives(key) and self._lives(before) and before in self.cards[key].before
        self._ask(None if known else "not_found", lambda: self.me.dependencies.unlink(key, before))
        if known:
            del self.cards[key].before[before]

    @rule(key=keys)
    def delete(self, key: str) -> None:
        self.clock.advance(minutes=1)
        code = self._missing(key)
        self._ask(code, lambda: self.me.tasks.delete(key))
        for card in self._tree(key) if code is None else ():
            if card.deleted_at is None:
                card.deleted_at = self.clock.now
                card.version += 1

    @rule(key=keys)
    def restore(self, key: str) -> None:
        card = self.cards.get(key)
        parent = self.cards.get(card.parent or "") if card else None
        code = None if card else "not_found"
        if card and card.deleted_at and parent and parent.deleted_at:
            code = "parent_deleted"
        self._ask(code, lambda: self.me.tasks.restore(key))
        deleted_at = card.deleted_at if card else None
        for each in self._tree(key) if code is None and deleted_at else ():
            if each.deleted_at == deleted_at:
                each.deleted_at = None
                each.version += 1

    @rule(key=consumes(keys))
    def purge(self, key: str) -> None:
        card = self.cards.get(key)
        code = "not_found" if card is None else None if card.deleted_at else "not_deleted"
        self._ask(code, lambda: self.me.tasks.purge(key))
        for gone in self._tree(key) if code is None else ():
            self._forget(gone.key)

    @rule(name=st.sampled_from(LABELS), other=st.sampled_from(["Bug", "UI"]))
    def rename_a_label_there_and_back(self, name: str, other: str) -> None:
        label = next(each for each in self.me.labels.list("PLAT").items if each.name == name)
        self.me.labels.edit(label.id, name=other)
        self.what_the_log_tells_is_what_there_is()
        self.me.labels.edit(label.id, name=name)

    @rule(key=keys)
    def comment(self, key: str) -> None:
        self._ask(self._missing(key), lambda: self.me.comments.create(key, "@bob have a look"))

    # What the model says

    def _lives(self, key: str) -> bool:
        return key in self.cards and self.cards[key].deleted_at is None

    def _missing(self, *named: str) -> str | None:
        return None if all(map(self._lives, named)) else "not_found"

    def _children(self, key: str) -> list[Card]:
        return [card for card in self.cards.values() if card.parent == key]

    def _tree(self, key: str) -> list[Card]:
        return [self.cards[key], *(each for child in self._children(key) for each in self._tree(child.key))]

    def _height(self, key: str) -> int:
        return 1 + max((self._height(child.key) for child in self._children(key)), default=0)

    def _ancestors(self, key: str | None) -> list[str]:
        return [key, *self._ancestors(self.cards[key].parent)] if key else []

    def _unfit_parent(self, key: str, parent: str) -> str | None:
        if not self._lives(parent):
            return "invalid"
        above = self._ancestors(parent)
        if key in above:
            return "cycle"
        if len(above) + self._height(key) > MAX_LEVELS:
            return "invalid"
        return "cycle" if self._would_wait_for_itself(parent=(key, parent)) else None

    def _would_wait_for_itself(
        self, *, link: tuple[str, str] | None = None, parent: tuple[str, str] | None = None
    ) -> bool:
        """Whether a task's begin or end would come before itself: a parent begins before its parts, and ends after."""
        parents = {key: card.parent for key, card in self.cards.items()} | dict([parent] if parent else [])
        links = [(before, key) for key, card in self.cards.items() for before in card.before]
        after: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for before, key in [*links, *([link] if link else [])]:
            after.setdefault((before, "end"), []).append((key, "begin"))
        for key, above in parents.items():
            if key not in parents.values():
                after.setdefault((key, "begin"), []).append((key, "end"))
            if above:
                after.setdefault((above, "begin"), []).append((key, "begin"))
                after.setdefault((key, "end"), []).append((above, "end"))

        def returns(start: tuple[str, str]) -> bool:
            met, ahead = set[tuple[str, str]](), list(after.get(start, ()))
            while ahead:
                here = ahead.pop()
                if here not in met:
                    met.add(here)
                    ahead += after.get(here, ())
            return start in met

        return any(map(returns, after))

    def _obstructed(self, card: Card) -> bool:
        open_children = [c for c in self._children(card.key) if not c.deleted_at and not c.status.finished]
        return bool(open_children) or self._held_back(card)  # as it is before: what is done has begun

    def _held_back(self, card: Card) -> bool:
        return any(self._holds_back(self.cards[key], kind, card) for key, kind in card.before.items())

    def _holds_back(self, before: Card, kind: DependencyType, card: Card) -> bool:
        if before.deleted_at or before.status is Status.CANCELLED:
            return False
        if kind in (DependencyType.FS, DependencyType.FF):
            return before.status is not Status.DONE
        return not _has_started(before) and (kind is DependencyType.SF or not _has_started(card))

    def _forget(self, key: str) -> None:
        del self.cards[key]
        for card in self.cards.values():
            card.before.pop(key, None)

    # How the engine is asked

    def _ask(self, code: str | None, verb: Any) -> Any:
        """Do it; if the model says that it fails, it fails with this code."""
        if code is None:
            return verb()
        with pytest.raises(TaskCoreError) as refused:
            verb()
        assert refused.value.code in (code, "unfinished_subtasks" if code == "blocked" else code)
        return None

    def _change(self, key: str, code: str | None, verb: Any) -> None:
        self.clock.advance(minutes=1)
        before = self.me.tasks.get(key) if self._lives(key) else None
        after = self._ask(code, verb)
        if before is not None and after is not None:
            assert self.me.tasks.get(key) == after
            same = attrs.evolve(before, overdue=after.overdue) == after
            assert after.version == before.version + (not same)
            self.cards[key].version = after.version

    # What always holds

    @invariant()
    def the_engine_says_what_the_model_says(self) -> None:
        for card in getattr(self, "cards", {}).values():
            task = self.me.tasks.get(card.key, deleted=True)
            parent = self.me.tasks.get(task.parent_id, deleted=True).key if task.parent_id else None

            assert (task.status, task.version, parent, task.deleted_at) == (
                card.status,
                card.version,
                card.parent,
                card.deleted_at,
            )
            assert (task.started_at is not None) == card.started
            assert (task.completed_at is not None) == card.status.finished
            assert task.blocked == (not card.status.finished and self._held_back(card))

    @invariant()
    def what_the_log_tells_is_what_there_is(self) -> None:
        if not hasattr(self, "seq"):
            return
        for event in self.me.events.list("PLAT", after=self.seq, limit=200).items:
            self.seq += 1
            assert event.seq == self.seq
            self._replay(event)
        tasks = [*self._listed(deleted=False), *self._listed(deleted=True)]
        there = {task.key: {field.name: plain(getattr(task, field.name)) for field in TOLD} for task in tasks}

        assert self.replayed == there

    def _listed(self, *, deleted: bool) -> Iterable[Task]:
        return self.me.tasks.list(team="PLAT", deleted=deleted, limit=200).items

    def _replay(self, event: Event) -> None:
        if event.kind == "label.updated":
            self._rename(event.data["name"]["from"], event.data["name"]["to"])
        if event.subject_type != "task":
            return
        key = event.data["task"]["key"]
        if event.kind == "task.purged":
            del self.replayed[key]
            return
        if event.kind == "task.created":
            self.replayed[key] = {field.name: plain(_usual(field.default)) for field in TOLD}
        changes = {name: change["to"] for name, change in event.data.items() if name not in ("task", "force")}
        self.replayed[key] |= changes

    def _rename(self, old: str, new: str) -> None:
        for told in self.replayed.values():
            told["labels"] = sorted(new if name == old else name for name in told["labels"])


def _usual(default: Any) -> Any:
    return None if default is attrs.NOTHING else default


def _has_started(card: Card) -> bool:
    return card.started or card.status in (Status.IN_PROGRESS, Status.IN_REVIEW, Status.DONE)


AnyStory.TestCase.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
TestAnyStory = AnyStory.TestCase
