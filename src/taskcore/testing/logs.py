"""The contract of a store's log: which events a search is for, and where a log ends."""

from __future__ import annotations

from uuid import uuid4

import pytest

from taskcore.errors import ResyncRequired
from taskcore.events import Event, is_of_kinds, is_of_project
from taskcore.teams.model import Project, Team
from taskcore.testing.samples import log_of
from taskcore.testing.world import World
from taskcore.values import ProjectId, TeamId

KINDS = (("task.created",), ("task.*",), ("comment.*", "task.moved"), ("project.*",), ("never.was", "tas.*"))


class LogContract:
    """A part of `StoreContract`."""

    async def test_events_are_selected_by_kind(self, world: World) -> None:
        team, _ = await a_story(world)
        log = await log_of(world, team)
        for kinds in KINDS:
            wanted = [event for event in log if is_of_kinds(event, kinds)]
            assert await log_of(world, team, kinds=kinds) == wanted

    async def test_events_are_selected_by_project(self, world: World) -> None:
        team, projects = await a_story(world)
        log = await log_of(world, team)

        def wanted(project_id: ProjectId) -> list[Event]:
            return [each for each in log if is_of_project(each, project_id)]

        for project in projects:
            assert len(wanted(project.id)) > 1
            assert await log_of(world, team, project_id=project.id) == wanted(project.id)
        assert await log_of(world, team, project_id=ProjectId(uuid4())) == []
        # What happened to a task before it came is the other project's.
        second = [event.kind for event in await log_of(world, team, project_id=projects[1].id)]
        assert second == ["project.created", "task.created", "task.moved", "task.updated"]

    async def test_a_head_is_the_seq_of_the_last_event(self, world: World) -> None:
        one, _ = await a_story(world)
        other, _ = await a_story(world)
        last = {team.id: (await log_of(world, team))[-1].seq for team in (one, other)}

        assert await world.store.rows().heads([one.id, TeamId(uuid4())]) == {one.id: last[one.id]}
        everywhere = await world.store.rows().heads()
        assert {team_id: everywhere[team_id] for team_id in last} == last
        assert await world.store.rows().heads([]) == {}

    async def test_a_place_far_beyond_any_log_asks_for_a_new_start(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        for after in (2**31, 10**14):
            with pytest.raises(ResyncRequired):
                await ada.me.events.list(team.id, after=after)
            with pytest.raises(ResyncRequired):
                await anext(ada.me.events.follow(team.id, after=after))


async def a_story(world: World) -> tuple[Team, list[Project]]:
    """A team in whose two projects tasks come, go and are talked about."""
    ada = await world.person()
    team = await world.team(ada)
    projects = [await ada.me.projects.create(team.id, name) for name in ("Alpha", "Beta")]
    for project in projects:
        await ada.me.tasks.create(team.id, f"in {project.name}", project_id=project.id)
    moving = await ada.me.tasks.create(team.id, "moving", project_id=projects[0].id)
    await ada.me.comments.create(moving.id, "soon elsewhere")
    await ada.me.tasks.edit(moving.id, project_id=projects[1].id)
    await ada.me.tasks.edit(moving.id, title="moved")
    outside = await ada.me.tasks.create(team.id, "outside")
    await ada.me.tasks.complete(outside.id)
    await ada.me.projects.edit(projects[0].id, name="Gamma")
    return team, projects
