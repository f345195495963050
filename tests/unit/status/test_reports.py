"""Reports of how a team stands: what is in them, who gets which, and how they are made and kept."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import attrs
import pytest
from pypdf import PdfReader

from taskcore.caller import Caller
from taskcore.errors import Conflict, Forbidden, Invalid, NotFound
from taskcore.jobs.model import Job, JobState
from taskcore.jobs.runner import Runner
from taskcore.jobs.views import OwnJob
from taskcore.permissions import Actor
from taskcore.status.api import StatusReports
from taskcore.status.gathering import WEEKS, team_status
from taskcore.status.model import KEPT, Burnt, ReportFile, TeamStatus, key_of
from taskcore.status.page import page
from taskcore.status.writing import report
from taskcore.system import no_typesetter
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import EstimateKind, Role, Status, TaskId

HOSTILE = '<script>alert(1)</script> #read("/etc/passwd") $x$ \\u{41} *b* & "quoted"'


async def at_work(world: World) -> tuple[Person, Team]:
    """A team with work behind and before it, some of it late."""
    world.clock.now = datetime(2026, 9, 28, 8, tzinfo=UTC)
    ada = await world.person()
    team = await world.team(ada, time_zone="Europe/Berlin")
    me, who = ada.me.tasks, ada.user.id
    for number in range(8):
        task = await me.create(team.id, f"Task {number}", assignee_id=who, estimate_minutes=240)
        world.clock.advance(days=3)
        if number % 2:
            await me.complete(task.id)
    dropped = await me.create(team.id, "Dropped")
    await me.edit(dropped.id, status="cancelled")
    await me.create(
        team.id, HOSTILE, assignee_id=who, due_at=world.clock() - timedelta(days=2), estimate_minutes=60
    )
    await me.create(
        team.id, "Launch", estimate_kind=EstimateKind.MILESTONE, due_at=world.clock() - timedelta(days=1)
    )
    return ada, team


async def status_for(world: World, who: Person, team: Team) -> TeamStatus:
    outside = world.core._outside
    return await team_status(Caller(Actor(who.user.id), outside), team.id)


async def made(world: World, who: Person, team: Team, form: str) -> tuple[OwnJob, ReportFile]:
    job = await who.me.reports.status(team.id, format=form)  # type: ignore[arg-type]
    await Runner(world.core).step()
    return job, await who.me.reports.file(job.id)


def text_of(pdf: bytes) -> str:
    return "\n".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf)).pages)


async def job_of(world: World, job: OwnJob) -> Job:
    [found] = await world.store.rows().find(Job, id=job.id)
    return found


async def test_a_status_counts_what_there_is_and_how_it_came_to_it(world: World) -> None:
    ada, team = await at_work(world)
    status = await status_for(world, ada, team)

    assert {each: number for each, number in status.counts.items() if number} == {
        Status.OPEN: 6,
        Status.DONE: 4,
        Status.CANCELLED: 1,
    }
    assert len(status.burn_up) == WEEKS + 1
    assert status.burn_up[-1] == Burnt(world.clock() + timedelta(microseconds=1), 10, 4)
    assert status.burn_up[0].scope == 0
    assert [each.scope for each in status.burn_up] == sorted(each.scope for each in status.burn_up)
    # It is Thursday, 22 October: tasks were done on the 4th, 10th, 16th and 22nd.
    assert (status.last_week.done, status.this_week.done) == (1, 1)
    assert [each.done for each in status.burn_up[-4:]] == [1, 2, 3, 4]
    assert status.overdue_count == 2
    assert [task.title for task in status.overdue] == [HOSTILE, "Launch"]
    assert status.schedule is not None
    assert status.names == {ada.user.id: "Ada"}


async def test_a_page_says_all_of_it_and_holds_hostile_titles_as_text(world: World) -> None:
    ada, team = await at_work(world)
    html = page(report(await status_for(world, ada, team)))

    assert "<script" not in html
    assert html.count("<svg xmlns") == 3
    assert "alert(1)" in html
    for words in ("Progress", "Overdue", "Plan", "Workload", "Late milestones", "Launch", "40 %", "overdue"):
        assert words in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert not re.search(r'(?:href|src)="|url\(|@import', html)


async def test_a_page_permits_its_own_styles_and_nothing_else(world: World) -> None:
    ada, team = await at_work(world)
    html = page(report(await status_for(world, ada, team)))
    policy = unescape(re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)[0])

    assert policy.startswith("default-src 'none'; style-src ")
    for style in re.findall("<style>(.*?)</style>", html, re.DOTALL):
        assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy


async def test_a_pdf_is_made_that_others_read_with_hostile_titles_as_text(world: World) -> None:
    ada, team = await at_work(world)
    _, file = await made(world, ada, team, "pdf")
    text = text_of(file.content)

    assert file.media == "application/pdf"
    assert file.filename == f"{team.key}-status-2026-10-22.pdf"
    about = PdfReader(io.BytesIO(file.content)).metadata
    assert about is not None
    assert about.title == f"Status of {team.name} ({team.key})"
    assert '#read("/etc/passwd")' in text
    assert "<script>alert(1)</script>" in text
    for words in ("Progress", "Overdue", "Plan", "Workload", "Launch"):
        assert words in text


async def test_the_same_report_is_the_same_file(world: World) -> None:
    ada, team = await at_work(world)
    files = [await ada.me.reports.make(team.id, format="pdf") for _ in range(2)]

    assert files[0].content == files[1].content


async def test_a_team_without_work_has_a_report_too(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    for form in ("html", "pdf"):
        _, file = await made(world, ada, team, form)

        assert file.content
    assert b"Nothing is overdue." in (await ada.me.reports.make(team.id)).content


async def test_where_there_is_no_plan_it_is_said_why(world: World) -> None:
    ada, team = await at_work(world)
    status = await status_for(world, ada, team)
    told = report(attrs.evolve(status, schedule=None, unplannable="PLAT-1 waits for PLAT-2"))

    assert "There is no plan: PLAT-1 waits for PLAT-2." in page(told)


async def test_where_nothing_makes_a_pdf_it_is_said_what_to_install(world: World) -> None:
    ada, team = await at_work(world)
    bare = attrs.evolve(world.core._outside, typesetter=no_typesetter)
    with pytest.raises(Invalid, match=re.escape("pip install 'taskcore[pdf]'")) as refused:
        await StatusReports(Caller(Actor(ada.user.id), bare)).status(team.id, format="pdf")

    assert refused.value.code == "missing_extra"


async def test_a_guest_is_shown_what_is_shared_with_them_and_nothing_else(world: World) -> None:
    ada, team = await at_work(world)
    guest = await world.member(ada, team, Role.GUEST)
    project = await ada.me.projects.create(team.id, "Open house")
    await ada.me.tasks.create(
        team.id, "Shared", project_id=project.id, due_at=world.clock() - timedelta(hours=1)
    )
    await ada.me.projects.share(project.id, guest.user.id)
    status = await status_for(world, guest, team)
    _, file = await made(world, guest, team, "html")
    html = file.content.decode()

    assert sum(status.counts.values()) == 1
    assert [task.title for task in status.overdue] == ["Shared"]
    assert "Shared" in html
    assert "Launch" not in html
    assert "projects that are shared with you" in html
    assert "Guests see no workload." in html


async def test_who_is_not_in_the_team_gets_none(world: World) -> None:
    _, team = await at_work(world)
    bob = await world.person("Bob")
    for asked in (bob.me.reports.status(team.id), bob.me.reports.make(team.id)):
        with pytest.raises(NotFound):
            await asked


async def test_rights_are_asked_for_again_when_it_is_made_and_when_it_is_fetched(world: World) -> None:
    ada, team = await at_work(world)
    bob = await world.member(ada, team)
    job, _ = await made(world, bob, team, "html")
    asked = await bob.me.reports.status(team.id)
    await ada.me.members.remove(team.id, bob.user.id)
    await Runner(world.core).step()

    assert (await job_of(world, asked)).state is JobState.DEAD
    with pytest.raises(NotFound):
        await bob.me.reports.file(job.id)


async def test_a_file_is_nobody_elses(world: World) -> None:
    ada, team = await at_work(world)
    bob = await world.member(ada, team)
    job, _ = await made(world, ada, team, "html")
    for ref in (job.id, uuid4(), "nothing"):
        with pytest.raises(NotFound):
            await bob.me.reports.file(ref)


async def test_a_file_that_is_not_made_yet_is_a_conflict(world: World) -> None:
    ada, team = await at_work(world)
    job = await ada.me.reports.status(team.id)
    with pytest.raises(Conflict) as refused:
        await ada.me.reports.file(job.id)

    assert refused.value.code == "not_ready"


async def test_who_asks_again_while_one_is_made_gets_the_same(world: World) -> None:
    ada, team = await at_work(world)
    one, same = await ada.me.reports.status(team.id), await ada.me.reports.status(team.id)
    other = await ada.me.reports.status(team.id, format="pdf")
    await Runner(world.core).step()
    later = await ada.me.reports.status(team.id)

    assert one.id == same.id
    assert len({one.id, other.id, later.id}) == 3


async def test_a_file_is_kept_for_a_week(world: World) -> None:
    ada, team = await at_work(world)
    job, _ = await made(world, ada, team, "html")
    world.clock.now += KEPT - timedelta(seconds=1)
    await Runner(world.core).step()
    kept = await ada.me.reports.file(job.id)
    world.clock.advance(seconds=1)
    await Runner(world.core).step()

    assert kept.content
    with pytest.raises(NotFound):
        await ada.me.reports.file(job.id)
    with pytest.raises(NotFound):
        await world.blobs.get(key_of(team.id, job.id))


async def test_a_file_goes_with_its_team(world: World) -> None:
    ada, team = await at_work(world)
    job, _ = await made(world, ada, team, "html")

    assert await world.blobs.delete_all(f"teams/{team.id}/") == 1
    with pytest.raises(NotFound):
        await ada.me.reports.file(job.id)


async def test_an_unknown_format_is_refused(world: World) -> None:
    ada, team = await at_work(world)
    with pytest.raises(Invalid):
        await ada.me.reports.status(team.id, format="docx")  # type: ignore[arg-type]


async def test_a_task_is_no_job(world: World) -> None:
    ada, team = await at_work(world)
    task = await ada.me.tasks.create(team.id, "x")
    with pytest.raises((NotFound, Forbidden)):
        await ada.me.reports.file(TaskId(task.id))
