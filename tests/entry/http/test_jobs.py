"""Jobs over HTTP: one's own, and for whoever runs the instance everybody's, with nothing of what they are about."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import attrs
import httpx
import pytest

from taskcore.core import TaskCore
from taskcore.jobs.model import Job
from taskcore.jobs.ports import GiveUp, Run
from taskcore.jobs.runner import Runner
from taskcore.values import UserId
from taskcore_app.container import Container
from taskcore_http.app import build
from tests.entry.http.conftest import ANSWERS_WITHIN_SECONDS, PASSWORD, Person, serving, settings_for

SECRET = "The merger is off"


@attrs.frozen
class Service:
    """A service, and its store beside it."""

    core: TaskCore
    address: str

    def person(self, name: str, *, is_admin: bool = False) -> Person:
        """Somebody signed in."""
        email = f"{name}@example.org"
        user = asyncio.run(self.core.users.register(email, name=name, password=PASSWORD, is_admin=is_admin))
        http = httpx.Client(base_url=self.address, timeout=ANSWERS_WITHIN_SECONDS)
        said = http.post("/v1/auth/login", json={"email": email, "password": PASSWORD}).json()
        http.headers["authorization"] = f"Bearer {said['access_token']}"
        return Person(http, str(user.id), email)

    def queued(self, kind: str, by: Person | None = None) -> Job:
        user_id = UserId(UUID(by.id)) if by is not None else None
        return asyncio.run(self.core.jobs.enqueue(kind, {"title": SECRET}, user_id=user_id))

    def dead(self, kind: str, by: Person | None = None) -> Job:
        """A job that was given up."""

        async def never(run: Run) -> None:
            await run.progress(1, 2, SECRET)
            raise GiveUp(SECRET)

        self.core.jobs.handle(kind, never)
        job = self.queued(kind, by)
        asyncio.run(_stepped(self.core))
        return job


async def _stepped(core: TaskCore) -> None:
    await Runner(core).step()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = settings_for("memory://", tmp_path_factory.mktemp("jobs"))
    container = Container(settings=settings)
    core = container.core()
    with serving(build(core, container.tokens(), settings, limiter=container.limiter())) as address:
        yield Service(core, address)


@pytest.fixture(scope="module")
def root(service: Service) -> Iterator[Person]:
    """Who runs the instance."""
    person = service.person("root", is_admin=True)
    yield person
    person.http.close()


@pytest.fixture(scope="module")
def ada(service: Service) -> Iterator[Person]:
    person = service.person("ada")
    yield person
    person.http.close()


def items(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_one_reads_and_stops_one_s_own(service: Service, ada: Person, root: Person) -> None:
    job = service.queued("own.job", ada)
    place = f"/v1/me/jobs/{job.id}"
    read, listed = ada.get(place), items(ada.get("/v1/me/jobs?kind=own.job&state=waiting"))
    stale = ada.post(f"{place}/cancel", headers={"if-match": '"9"'})
    stopped = ada.post(f"{place}/cancel", headers={"if-match": read.headers["etag"]})

    assert listed == [read.json()]
    assert SECRET not in read.text
    assert stale.status_code == 412
    assert (stopped.status_code, stopped.json()["state"]) == (200, "cancelled")
    assert ada.post(f"{place}/cancel").json()["code"] == "job_ended"
    assert [root.get(place).status_code, root.post(f"{place}/cancel").status_code] == [404, 404]


def test_who_runs_the_instance_sees_jobs_and_not_what_they_are_about(
    service: Service, ada: Person, root: Person
) -> None:
    job = service.dead("seen.job", ada)
    listed = root.get("/v1/instance/jobs?kind=seen.job&state=dead&count=true")
    read = root.get(f"/v1/instance/jobs/{job.id}")

    assert listed.json()["total"] == 1
    assert items(listed) == [read.json()]
    assert SECRET not in read.text
    assert (read.json()["payload_keys"], read.json()["attempts"]) == (["title"], 1)
    assert read.json()["progress"] == {"done": 1, "total": 2, "note": ""}
    again = root.get(f"/v1/instance/jobs/{job.id}", headers={"if-none-match": read.headers["etag"]})
    assert again.status_code == 304
    assert ada.get(f"/v1/instance/jobs/{job.id}").status_code == 403


@pytest.mark.parametrize("query", ["state=gone", "kind=a%00b", "team_id=x", "limit=0"])
def test_a_query_that_means_nothing_is_refused(root: Person, query: str) -> None:
    assert root.get(f"/v1/instance/jobs?{query}").status_code == 400


def test_what_is_dead_is_begun_once_more_once(service: Service, root: Person) -> None:
    job = service.dead("lost.job")
    place, key = f"/v1/instance/jobs/{job.id}/retry", {"idempotency-key": "again"}
    first, again = (root.post(place, headers=key) for _ in range(2))

    assert (first.status_code, first.json()["state"]) == (200, "waiting")
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert root.post(place).json()["code"] == "job_not_ended"
    assert root.delete(f"/v1/instance/jobs/{job.id}").json()["code"] == "job_not_ended"
    assert root.post(f"/v1/instance/jobs/{job.id}/cancel").json()["state"] == "cancelled"
    assert root.delete(f"/v1/instance/jobs/{job.id}").status_code == 204
    assert root.get(f"/v1/instance/jobs/{job.id}").status_code == 404


def test_many_are_begun_once_more_or_dropped(service: Service, root: Person, ada: Person) -> None:
    dead = [service.dead("many.job"), service.dead("many.job"), service.dead("spared.job")]
    retried = root.post("/v1/instance/jobs/retry", {"kind": "many.job"})
    dropped = root.post("/v1/instance/jobs/drop", {"kind": "spared.job", "state": "dead"})
    states = [root.get(f"/v1/instance/jobs/{each.id}").status_code for each in dead]

    assert retried.json() == {"jobs": 2, "after": None}
    assert dropped.json() == {"jobs": 1, "after": None}
    assert states == [200, 200, 404]
    assert root.post("/v1/instance/jobs/drop", {"state": "waiting"}).status_code == 422
    assert root.post("/v1/instance/jobs/drop", {"kinds": "x"}).status_code == 422
    assert ada.post("/v1/instance/jobs/drop", {"state": "waiting"}).status_code == 403


def test_nobody_queues_a_job_over_http(root: Person) -> None:
    refused = root.post("/v1/instance/jobs", {"kind": "mail.send", "payload": {}})

    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_what_comes_again_is_listed_in_pages(root: Person) -> None:
    whole = items(root.get("/v1/instance/job-schedules"))
    page = root.get("/v1/instance/job-schedules?limit=1&count=true").json()

    assert page["total"] == len(whole)
    assert [each["name"] for each in whole] == sorted(each["name"] for each in whole)
    assert page["items"] == whole[:1]
