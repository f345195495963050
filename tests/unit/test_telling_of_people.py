"""Whoever may no longer do what they did is named on the bus, whatever brought that about, once it is committed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from taskcore.connect import STORES, resolve
from taskcore.delivery.ports import EVENTS, PEOPLE
from taskcore.errors import Conflict, Unauthenticated
from taskcore.identity.model import Session
from taskcore.permissions import Actor
from taskcore.testing.world import Person, World

PASSWORD = "correct horse battery"
OTHER = "another long password"
EVE = "eve@example.org"


class Instance:
    """Ada, who runs it, and Eve, who is signed in; with all that the bus says from then on."""

    def __init__(self, world: World, ada: Person, eve: Person) -> None:
        self.world, self.core, self.ada, self.eve = world, world.core, ada, eve
        self.refresh_token = ""
        self.people: list[str] = []
        self.teams: list[str] = []
        bus = world.core._outside.bus
        bus.hear(PEOPLE, self.people.append)
        bus.hear(EVENTS, self.teams.append)

    async def session(self) -> Session:
        return (await self.eve.me.sessions.list()).items[0]


@pytest.fixture
async def instance() -> Instance:
    world = World(resolve(STORES, "memory://")("memory://", blocking=False))
    ada = await world.core.users.register("ada@example.org", name="Ada", password=PASSWORD, is_admin=True)
    eve = await world.core.users.register(EVE, name="Eve", password=PASSWORD)
    made = Instance(
        world, Person(ada, world.core.acting_as(ada.id)), Person(eve, world.core.acting_as(eve.id))
    )
    made.refresh_token = (await world.core.auth.sign_in(EVE, PASSWORD)).refresh_token
    assert (made.people, made.teams) == ([], [])
    return made


async def revoke_session(told: Instance) -> None:
    await told.eve.me.sessions.revoke((await told.session()).id)


async def revoke_token(told: Instance) -> None:
    token, _ = await told.eve.me.tokens.create("ci")
    assert told.people == []
    await told.eve.me.tokens.revoke(token.id)


async def sign_out(told: Instance) -> None:
    await told.core.auth.sign_out(told.refresh_token)


async def use_a_token_twice(told: Instance) -> None:
    await told.core.auth.refresh(told.refresh_token)
    assert told.people == []
    told.world.clock.advance(minutes=1)
    with pytest.raises(Unauthenticated):
        await told.core.auth.refresh(told.refresh_token)


async def change_password(told: Instance) -> None:
    await told.eve.me.me.change_password(PASSWORD, OTHER)


async def reset_by_mail(told: Instance) -> None:
    await told.core.auth.request_reset(EVE)
    await told.core.auth.reset(told.world.mailbox.token(EVE), OTHER)


async def delete_account(told: Instance) -> None:
    await told.eve.me.me.delete()


async def disable(told: Instance) -> None:
    await told.core.users.disable(EVE)


async def disable_as_admin(told: Instance) -> None:
    await told.ada.me.instance.edit_user(told.eve.user.id, disabled=True)


async def log_out(told: Instance) -> None:
    await told.core.users.log_out(EVE)


async def log_out_as_admin(told: Instance) -> None:
    await told.ada.me.instance.log_out(told.eve.user.id)


async def reset_as_operator(told: Instance) -> None:
    await told.core.users.reset_password(EVE, OTHER)


WAYS = [
    *(
        revoke_session,
        revoke_token,
        sign_out,
        use_a_token_twice,
        change_password,
        reset_by_mail,
        delete_account,
    ),
    *(disable, disable_as_admin, log_out, log_out_as_admin, reset_as_operator),
]


@pytest.mark.parametrize("end_rights", WAYS)
async def test_who_may_do_less_is_named_once(
    end_rights: Callable[[Instance], Awaitable[None]], instance: Instance
) -> None:
    await end_rights(instance)

    assert instance.people == [str(instance.eve.user.id)]


async def test_who_signs_in_and_works_is_not_named(instance: Instance) -> None:
    signed = await instance.core.auth.sign_in(EVE, PASSWORD)
    me = instance.core.acting_as(Actor(signed.user.id, session_id=signed.session.id))
    team = await me.teams.create("Platform", key="PLAT")
    await me.tasks.create(team.id, "Ship it")
    await instance.core.auth.refresh(signed.refresh_token)

    assert instance.people == []
    assert instance.teams == [str(team.id)] * 2


async def test_what_is_refused_names_nobody(instance: Instance) -> None:
    with pytest.raises(Conflict):
        await instance.ada.me.instance.edit_user(instance.ada.user.id, disabled=True)
    with pytest.raises(Conflict):
        await instance.core.users.disable("ada@example.org")

    assert instance.people == []
