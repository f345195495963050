"""What a stretch of a team's log changes of the reports on it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from taskcore.errors import Conflict
from taskcore.events import Event
from taskcore.reporting.facts import Figures, TaskFacts, added, figures, task_facts
from taskcore.reporting.stories import Step, Story, joined, told
from taskcore.values import ProjectId, TaskId, TeamId

_KEY = re.compile(r"[A-Z0-9]{1,20}-[0-9]{1,10}")
_MOST_OF_NAME = 200


class LogGap(Conflict):
    """Events are missing between what is known of a team's log and what comes next."""

    default_code = "log_gap"

    def __init__(self, team_id: TeamId, known: int, following: int) -> None:
        first, last = known + 1, following - 1
        missing = f"event {first}" if first == last else f"events {first} to {last}"
        super().__init__(
            f"{missing} of team {team_id} {'is' if first == last else 'are'} missing: the reports know its log up "
            f"to {known}, and the next is {following}. Start over from where all of it is, with "
            "taskcore report project --from store --from-start",
            team_id=team_id,
            missing=(first, last),
        )


@attrs.frozen(slots=True)
class Called:
    """What a team is called, as of some instant."""

    key: str
    name: str
    at: datetime


@attrs.frozen(slots=True)
class Change:
    """What some events of one team change."""

    stories: Mapping[TaskId, Story]
    """Of each task of which there is news, whole."""
    facts: Sequence[TaskFacts]
    figures: Figures
    """What is to be added to those of before."""
    keys: Mapping[TaskId, str]
    """What people call those tasks, where the events tell."""
    projects: Mapping[ProjectId, str]
    """The names of projects that were made or changed."""
    team: Called | None = None


def following(team_id: TeamId, known: int, events: Iterable[Event]) -> list[Event]:
    """Of some events of a team, those that come after the seq `known`, each once and in order.

    Raises: LogGap.
    """
    new: list[Event] = []
    last = known
    for event in sorted(events, key=lambda event: event.seq):
        if event.seq <= last:
            continue
        if event.seq > last + 1:
            raise LogGap(team_id, last, event.seq)
        new.append(event)
        last = event.seq
    return new


def news(events: Iterable[Event]) -> dict[TaskId, list[Step]]:
    """The steps that the events tell, by their task: whose stories have to be known before `projected`."""
    found: dict[TaskId, list[Step]] = defaultdict(list)
    for event in events:
        if event.task_id is not None and (steps := told(event)):
            found[event.task_id] += steps
    return found


def projected(stories: Mapping[TaskId, Story], events: Sequence[Event]) -> Change:
    """What the events change, where `stories` has that of each task in `news`, unless it has none yet."""
    whole: dict[TaskId, Story] = {}
    difference: Figures = {}
    for task, steps in news(events).items():
        before = stories.get(task, ())
        whole[task] = joined(before, steps)
        difference = added(difference, figures(whole[task]))
        difference = added(difference, figures(before), times=-1)
    return Change(
        stories=whole,
        facts=[task_facts(task, story) for task, story in whole.items()],
        figures=difference,
        keys={
            event.task_id: key
            for event in events
            if event.task_id is not None and event.task_id in whole and (key := _key(event))
        },
        projects={
            ProjectId(event.subject_id): name
            for event in events
            if event.subject_type == "project" and (name := _name(event, "project"))
        },
        team=_team(events),
    )


def _key(event: Event) -> str | None:
    subject = event.data.get("task")
    key = subject.get("key") if isinstance(subject, Mapping) else None
    return key if isinstance(key, str) and _KEY.fullmatch(key) else None


def _name(event: Event, noun: str, field: str = "name") -> str:
    """A name as text that every database can hold."""
    subject = event.data.get(noun)
    name = subject.get(field) if isinstance(subject, Mapping) else None
    if not isinstance(name, str):
        return ""
    return name.encode(errors="replace").decode().replace("\0", "")[:_MOST_OF_NAME]


def _team(events: Iterable[Event]) -> Called | None:
    """The latest by its instant: a log that was brought in tells what the team was called elsewhere, once."""
    named = [
        Called(_name(event, "team", "key"), _name(event, "team"), event.at)
        for event in events
        if event.subject_type == "team" and event.subject_id == event.team_id
    ]
    return max(named, key=lambda called: called.at, default=None)
