"""Events that are delivered while the process that delivers them is killed again and again: what came of it."""

from __future__ import annotations

import json
from contextlib import suppress
from random import Random

import attrs

from taskcore.core import Acting, TaskCore
from taskcore.teams.model import Team
from tests.servers.courier import courier, reaching_loopback
from tests.servers.receiver import Receiver, receiver

KINDS = ["task.created"]


@attrs.frozen
class Outcome:
    """Of all deliveries: those that were to come, those that did, and how often too often."""

    expected: frozenset[tuple[str, str]]
    """Webhook and event."""
    came: frozenset[tuple[str, str]]
    repeats: int
    different: int
    """Deliveries that did not say the same each time."""
    twice: int
    """Events that one webhook was told under two ids."""
    kills: int


async def delivered_despite_kills(
    store_url: str, *, webhooks: int, events: int, kills: int, seed: int, patience_seconds: float = 120
) -> Outcome:
    """Each kill comes at some request, before it is answered, so that there is always something in hand."""
    chance = Random(seed)  # noqa: S311  of moments, not of secrets
    places = sorted(chance.sample(range(1, webhooks * events), kills))
    core = reaching_loopback(store_url)
    await core.store.check()
    async with core, receiver() as there:
        me, team = await _site(core)
        for place in range(webhooks):
            await me.webhooks.create(team.id, there.url(f"/hook/{place}"), kinds=KINDS)
        with courier(store_url) as process:

            def kill(count: int) -> None:
                if places and count >= places[0]:
                    places.pop(0)
                    process.kill()

            there.before = kill
            for place in range(events):
                await me.tasks.create(team.id, str(place))
            log = await _told(me, team)
            expected = frozenset((f"/hook/{place}", event) for place in range(webhooks) for event in log)
            with suppress(TimeoutError):  # then the outcome says what is missing
                await there.until(
                    lambda each: len(_came(each)) >= len(expected) and not places, patience_seconds
                )
            return _outcome(there, expected, process.kills)


async def _site(core: TaskCore) -> tuple[Acting, Team]:
    ada = await core.users.register("ada@example.org", name="Ada", password="correct horse battery")
    me = core.acting_as(ada.id)
    return me, await me.teams.create("Platform", key="PLAT")


async def _told(me: Acting, team: Team) -> list[str]:
    """The events that webhooks asked for."""
    found, cursor = [], None
    while True:
        page = await me.events.list(team.id, limit=200, cursor=cursor)
        found += [str(each.id) for each in page.items if each.kind in KINDS]
        if (cursor := page.next_cursor) is None:
            return found


def _came(there: Receiver) -> set[tuple[str, str]]:
    return {(each.line.split()[1], json.loads(each.body)["data"]["id"]) for each in there.requests}


def _outcome(there: Receiver, expected: frozenset[tuple[str, str]], kills: int) -> Outcome:
    came = _came(there)
    return Outcome(
        expected=expected,
        came=frozenset(came),
        repeats=len(there.requests) - len(there.times()),
        different=sum(len(said) > 1 for said in there.bodies().values()),
        twice=len(there.times()) - len(came),
        kills=kills,
    )
