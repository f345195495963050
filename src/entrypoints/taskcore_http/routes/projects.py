"""Projects: what a team sorts its tasks into."""

from __future__ import annotations

from functools import partial
from typing import Any

from litestar.params import FromPath

from taskcore.teams.model import Project
from taskcore.teams.projects import ProjectFields
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call


@Operation(
    "GET",
    "/v1/teams/{team:str}/projects",
    gives=Project,
    many=True,
    query=LISTING,
    rights=("team.read", "project.list"),
)
async def list_projects(request: Call, team: FromPath[str]) -> Answer:
    """List a team's projects, archived ones too; a guest sees those shared with them."""
    return await request.listed(partial(request.me.projects.list, team))


@Operation(
    "POST",
    "/v1/teams/{team:str}/projects",
    body=ProjectFields,
    needs=("name",),
    gives=Project,
    status=201,
    rights=("team.read", "project.create"),
)
async def create_project(request: Call, team: FromPath[str]) -> Answer:
    """Start a project."""
    projects = request.me.projects
    fields: dict[str, Any] = {**await request.sent(ProjectFields, lambda _: projects.create(team, ""))}
    project = await projects.create(team, fields.pop("name", ""), **fields)
    return request.one(project, status=201, location=f"/v1/projects/{project.id}")


@Operation("GET", "/v1/projects/{project:str}", gives=Project, rights=("project.read",))
async def read_project(request: Call, project: FromPath[str]) -> Answer:
    """Read one project."""
    return request.one(await request.me.projects.get(project))


@Operation(
    "PATCH",
    "/v1/projects/{project:str}",
    body=ProjectFields,
    gives=Project,
    versioned=True,
    rights=("project.read", "project.update", "project.archive"),
)
async def edit_project(request: Call, project: FromPath[str]) -> Answer:
    """Change a project; `archived` puts it away or fetches it back."""
    projects = request.me.projects
    fields = await request.sent(ProjectFields, lambda _: projects.edit(project, if_version=NEVER))
    return request.one(await projects.edit(project, if_version=request.if_version, **fields))


@Operation("DELETE", "/v1/projects/{project:str}", versioned=True, rights=("project.read", "project.delete"))
async def delete_project(request: Call, project: FromPath[str]) -> Answer:
    """Delete a project. Its tasks stay, in no project."""
    projects = request.me.projects
    await request.bare(lambda _: projects.delete(project, if_version=NEVER))
    await projects.delete(project, if_version=request.if_version)
    return request.done()


@Operation(
    "PUT",
    "/v1/projects/{project:str}/guests/{user:str}",
    gives=Project,
    versioned=True,
    rights=("project.read", "project.share_with_guest"),
)
async def share_project(request: Call, project: FromPath[str], user: FromPath[str]) -> Answer:
    """Let a guest of the team see the project."""
    projects = request.me.projects
    guest = await request.user_id(user, lambda _: projects.get(project))
    await request.bare(lambda _: projects.share(project, guest, if_version=NEVER))
    return request.one(await projects.share(project, guest, if_version=request.if_version))


@Operation(
    "DELETE",
    "/v1/projects/{project:str}/guests/{user:str}",
    versioned=True,
    rights=("project.read", "project.share_with_guest"),
)
async def unshare_project(request: Call, project: FromPath[str], user: FromPath[str]) -> Answer:
    """Show the project to a guest no longer."""
    projects = request.me.projects
    guest = await request.user_id(user, lambda _: projects.get(project))
    await request.bare(lambda _: projects.unshare(project, guest, if_version=NEVER))
    await projects.unshare(project, guest, if_version=request.if_version)
    return request.done()
