"""Accounts: how one is made, proved, shut, and changed by its owner."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import pytest

from taskcore.errors import Conflict, Invalid, NotFound, PreconditionFailed, Unauthenticated
from taskcore.identity.model import COMMON_PASSWORDS
from taskcore.testing import World
from taskcore.testing.world import QuickHasher
from taskcore.values import UserId
from tests.unit.examples import new_id

PASSWORD = "correct horse battery"


async def test_an_e_mail_is_one_account_in_any_spelling(world: World) -> None:
    ada = await world.core.users.register(" Ada@Example.ORG ", name="Ada", password=PASSWORD)

    assert ada.email == "ada@example.org"
    assert await world.core.users.find("ADA@example.org") == ada
    with pytest.raises(Conflict) as refused:
        await world.core.users.register("ada@example.org", name="Ada", password=PASSWORD)
    assert (refused.value.code, refused.value.data) == ("already_exists", {"field": "email"})


async def test_an_address_is_never_made_another_mailbox(world: World) -> None:
    ada = await world.core.users.register("ADA@Straße.example", name="Ada", password=PASSWORD)

    assert ada.email == "ada@straße.example"


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"email": "ada"}, ["email"]),
        ({"email": "a b@example.org"}, ["email"]),
        ({"email": f"{'x' * 65}@example.org"}, ["email"]),
        ({"name": " "}, ["name"]),
        ({"time_zone": "Mars/Base"}, ["time_zone"]),
        ({"password": "1234567"}, ["password"]),
        ({"password": "x" * 129}, ["password"]),
        ({"password": next(iter(COMMON_PASSWORDS)).upper()}, ["password"]),
        ({"password": "Ada@example.org"}, ["password"]),
        ({"password": "half a \ud83d!"}, ["password"]),
        ({"name": "", "password": "", "time_zone": ""}, ["name", "time_zone", "password"]),
    ],
)
async def test_every_fault_of_an_account_is_told_at_once(
    world: World, wrong: dict[str, Any], fields: list[str]
) -> None:
    sound: dict[str, Any] = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
    with pytest.raises(Invalid) as refused:
        await world.core.users.register(**{**sound, **wrong})

    assert [fault.field for fault in refused.value.faults] == fields


async def test_e_mail_and_password_prove_who_one_is(world: World) -> None:
    ada = await world.core.users.register("ada@example.org", name="Ada", password=PASSWORD)

    assert await world.core.users.authenticate("Ada@example.org", PASSWORD) == ada
    for email, password in (("ada@example.org", "wrong"), ("eve@example.org", PASSWORD), ("", "")):
        with pytest.raises(Unauthenticated) as refused:
            await world.core.users.authenticate(email, password)
        assert refused.value.code == "wrong_credentials"


async def test_a_shut_account_proves_and_does_nothing_until_it_is_opened(world: World) -> None:
    ada = await world.core.users.register("ada@example.org", name="Ada", password=PASSWORD)
    shut = await world.core.users.disable("ada@example.org")
    me = world.core.acting_as(ada.id)
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: world.core.users.authenticate("ada@example.org", PASSWORD),
        me.me.get,
        lambda: me.me.edit(name="Eve"),
        me.teams.list,
        lambda: me.teams.create("Platform"),
        me.tasks.list,
        lambda: me.invitations.accept("token"),
    ]

    for attempt in attempts:
        with pytest.raises(Unauthenticated):
            await attempt()
    assert await world.core.users.disable("ada@example.org") == shut
    opened = await world.core.users.enable(str(ada.id))
    assert await world.core.users.enable("ada@example.org") == opened == await me.me.get()


async def test_somebody_who_was_never_there_is_not_known(world: World) -> None:
    nobody = world.core.acting_as(UserId(new_id()))

    with pytest.raises(Unauthenticated):
        await nobody.me.get()
    for name in ("eve@example.org", "eve", str(new_id()), "\x00"):
        with pytest.raises(NotFound):
            await world.core.users.find(name)


async def test_everybody_is_listed_the_eldest_first(world: World) -> None:
    people = [await world.person(name) for name in ("Ada", "Bob", "Cyd")]

    assert list(await world.core.users.list()) == [person.user for person in people]


async def test_a_new_password_takes_the_place_of_the_old(world: World) -> None:
    ada = await world.core.users.register("ada@example.org", name="Ada", password=PASSWORD)
    await world.core.users.reset_password("ada@example.org", "another horse")

    assert await world.core.users.authenticate("ada@example.org", "another horse") == ada
    with pytest.raises(Unauthenticated):
        await world.core.users.authenticate("ada@example.org", PASSWORD)
    with pytest.raises(Invalid):
        await world.core.users.reset_password("ada@example.org", "short")


class Stricter(QuickHasher):
    """Finds every hash outdated."""

    made = 0

    async def hash(self, password: str) -> str:
        self.made += 1
        return await super().hash(password)

    def is_outdated(self, hashed: str) -> bool:
        return len(hashed) == 64


async def test_an_outdated_hash_is_renewed_when_its_password_is_at_hand(world: World) -> None:
    await world.core.users.register("ada@example.org", name="Ada", password=PASSWORD)
    hasher = Stricter()
    world = World(world.store, hasher=hasher)
    await world.core.users.authenticate("ada@example.org", PASSWORD)

    assert hasher.made == 2  # to compare, and to keep


async def test_two_who_renew_one_hash_at_once_both_come_in(world: World) -> None:
    """The second finds the credential changed under it, which is no reason to turn it away."""
    ada = await world.core.users.register("ada@example.org", name="Ada", password=PASSWORD)

    class Racing(Stricter):
        async def hash(self, password: str) -> str:
            self.made += 1
            if self.made == 2:
                await world.core.users.reset_password("ada@example.org", PASSWORD)
            return await QuickHasher.hash(self, password)

    other = World(world.store, hasher=Racing())

    assert await other.core.users.authenticate("ada@example.org", PASSWORD) == ada


async def test_one_changes_ones_own_name_and_zone(world: World) -> None:
    person = await world.person()
    changed = await person.me.me.edit(name="Ada King", time_zone="Europe/London", if_version=1)

    assert changed == attrs.evolve(person.user, name="Ada King", time_zone="Europe/London", version=2)
    assert await person.me.me.edit(name="Ada King") == changed
    with pytest.raises(PreconditionFailed):
        await person.me.me.edit(name="Ada", if_version=1)
    with pytest.raises(Invalid):
        await person.me.me.edit(name="")
