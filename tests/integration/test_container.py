"""The container: one wiring for every door, from settings to a working core."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import attrs
import pytest

from taskcore.errors import Invalid, Unauthenticated, Unavailable
from taskcore.testing.stream import log_of, new_team
from taskcore_app.container import Container
from taskcore_app.settings import Settings, load_settings

CHEAP = "argon2://?m=8&t=1&p=1"
ADA = UUID("01936f2e-7c1a-7000-8000-00000000ada0")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
PASSWORD = "correct horse battery"
T = TypeVar("T")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(store="memory://", hasher=CHEAP, secret_file=str(tmp_path / "secret.key"))


def now(call: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never suspends."""
    with pytest.raises(StopIteration) as done:
        call.send(None)
    value: T = done.value.value
    return value


async def test_settings_become_a_core_that_works(settings: Settings) -> None:
    container = Container(settings=settings)
    async with container.core() as core:
        ada = await core.users.register("ada@example.org", name="Ada", password=PASSWORD)
        signed = await core.auth.sign_in("ada@example.org", PASSWORD)
        token = container.tokens().issue(signed.user.id, signed.session.id, NOW)
        claims = container.tokens().verify(token, NOW)

        assert (claims.user_id, claims.session_id) == (ada.id, signed.session.id)


async def test_what_the_environment_says_is_what_is_wired(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "TASKCORE_STORE": "memory://", "TASKCORE_HASHER": "argon2://?m=16&t=3"}
    container = Container(settings=load_settings({}, environ, tmp_path).settings)
    hashed = await container.hasher().hash(PASSWORD)

    assert "$m=16,t=3,p=1$" in hashed


def test_what_posts_goes_where_the_settings_allow(settings: Settings) -> None:
    here = Container(settings=attrs.evolve(settings, webhook_networks=(ip_network("10.0.0.0/8"),)))

    assert here.poster().objection("http://10.0.0.7/hook") is None
    assert Container(settings=settings).poster().objection("http://10.0.0.7/hook") is not None


def test_no_broker_is_asked_for_unless_one_is_set(settings: Settings) -> None:
    assert Container(settings=settings).stream() is None


async def test_a_broker_is_where_the_setting_says(settings: Settings) -> None:
    stream = Container(settings=attrs.evolve(settings, stream="nats://127.0.0.1:1")).stream()
    assert stream is not None

    with pytest.raises(Unavailable, match=r"nats://127\.0\.0\.1:1"):
        await stream.publish(log_of(new_team(), 1))
    await stream.close()


def test_blocking_parts_need_no_event_loop(settings: Settings) -> None:
    core = Container(settings=settings, blocking=True).core()
    now(core.users.register("ada@example.org", name="Ada", password=PASSWORD))

    assert now(core.users.authenticate("ada@example.org", PASSWORD)).name == "Ada"


def test_a_part_is_made_once_a_container(settings: Settings) -> None:
    container = Container(settings=settings)

    assert container.core()._outside.bus is container.bus()
    assert container.core() is container.core()
    assert container.core() is not Container(settings=settings).core()


async def test_a_part_can_be_replaced(settings: Settings) -> None:
    core = Container(settings=settings, clock=lambda: NOW).core()

    assert (await core.users.register("ada@example.org", name="Ada", password=PASSWORD)).created_at == NOW


def test_containers_share_no_secret_in_memory(settings: Settings, tmp_path: Path) -> None:
    ours, theirs = Container(settings=settings).tokens(), Container(settings=settings).tokens()

    with pytest.raises(Unauthenticated):
        theirs.verify(ours.issue(ADA, ADA, NOW), NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "part"),
    [
        ("store", "store"),
        ("hasher", "hasher"),
        ("tokens", "tokens"),
        ("mail", "mail"),
        ("cache", "limiter"),
        ("bus", "bus"),
        ("jobs", "queue"),
    ],
)
def test_a_scheme_nobody_registered_lists_those_there_are(
    settings: Settings, setting: str, part: str
) -> None:
    changed: dict[str, Any] = {setting: "nosuch://"}
    container = Container(settings=attrs.evolve(settings, **changed))

    with pytest.raises(Invalid, match=r"no adapter for nosuch://; installed: .*://"):
        getattr(container, part)()


def test_an_issuer_is_asked_only_where_one_is_set(settings: Settings) -> None:
    other = attrs.evolve(settings, oidc_issuer="https://id.example.org")

    assert Container(settings=settings).external() is None
    assert Container(settings=other).external() is not None
