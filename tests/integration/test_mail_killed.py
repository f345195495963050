"""Mail whose process is killed while the server has it in hand: it goes out, and whoever gets it twice can tell."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest

from taskcore.connect import assemble
from taskcore.core import TaskCore
from taskcore.jobs.model import Job, JobState
from tests.servers.postman import postman
from tests.servers.smtp import SmtpServer, smtp_server, text_of

PEOPLE = 6
SLOTS = 4
"""Connections, and so mails that are in hand at a time."""


@pytest.mark.slow
async def test_no_kill_loses_a_mail_and_what_comes_twice_is_the_same_mail(tmp_path: Path) -> None:
    store_url = f"sqlite:///{tmp_path}/store.db"
    async with assemble(store_url, hasher_url="scrypt://") as core:
        await core.store.check()
        for number in range(PEOPLE):
            email = f"p{number}@example.org"
            await core.users.register(email, name=email, password="correct horse battery")
            await core.auth.request_reset(email)
        with smtp_server() as server:
            server.hold()
            with postman(store_url, server.url) as process:
                for kill in (1, 2, 3):
                    await asyncio.to_thread(_wait_until_held, server, kill)
                    if kill < 3:
                        process.kill()
                server.release()
                await asyncio.to_thread(server.wait_until, lambda: len(_ids(server.messages)) == PEOPLE)
                jobs = await _ended(core)
                kills = process.kills
            arrived = list(server.tried)  # whole, though nobody was told of those whose process was killed
    times = Counter(each["Message-ID"] for each in arrived)
    said = {(each["Message-ID"], each["Date"], each["To"], text_of(each)) for each in arrived}

    assert {each.state for each in jobs} == {JobState.DONE}
    assert {each["To"] for each in arrived} == {f"p{number}@example.org" for number in range(PEOPLE)}
    assert len(said) == len(times) == PEOPLE
    assert len(arrived) - PEOPLE <= kills * SLOTS
    assert max(times.values()) > 1, "a process died with a mail that the server took"


def _ids(messages: Sequence[EmailMessage]) -> set[str]:
    return {each["Message-ID"] for each in messages}


def _wait_until_held(server: SmtpServer, count: int) -> None:
    server.wait_until(lambda: server.held >= count)


async def _ended(core: TaskCore) -> list[Job]:
    """The jobs, once all have ended."""
    while True:
        jobs = await core.store.rows().find(Job)
        if all(each.due_at is None for each in jobs):
            return jobs
        await asyncio.sleep(0.05)
