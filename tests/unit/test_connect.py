"""From URLs to adapters, and the public names."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

import taskcore
from taskcore import blocking
from taskcore.connect import HASHERS, STORES, build, default_hasher, resolve
from taskcore.core import Acting
from taskcore.errors import Invalid, Unavailable
from taskcore.testing import FakeClock


@pytest.mark.parametrize(("group", "noun"), [(STORES, "store"), (HASHERS, "hasher")])
@pytest.mark.parametrize("url", ["mongodb://host", "nothing", "", "://"])
def test_a_scheme_that_nobody_registered_lists_those_there_are(group: str, noun: str, url: str) -> None:
    with pytest.raises(Invalid) as refused:
        resolve(group, url)

    (fault,) = refused.value.faults
    assert fault.field == noun
    assert {"store": "memory://", "hasher": "scrypt://"}[noun] in fault.reason


def test_a_group_without_adapters_says_none() -> None:
    with pytest.raises(Invalid, match="installed: none"):
        resolve("taskcore.tea", "green://")


def test_an_adapter_whose_library_is_missing_names_the_extra_that_brings_it() -> None:
    def factory(_url: str, **_: object) -> None:
        raise ModuleNotFoundError("no module", name="asyncpg")

    with pytest.raises(Invalid, match=r"asyncpg.*pip install 'taskcore\[postgres\]'") as refused:
        build(factory, "postgresql://host", "store")
    assert refused.value.code == "missing_extra"


@pytest.mark.parametrize(
    "url", ["memory://host", "memory:///path", "memory://?x=1", "sqlite://", "sqlite:///:memory:"]
)
def test_a_store_refuses_what_it_does_not_understand(url: str) -> None:
    with pytest.raises(Invalid):
        resolve(STORES, url)(url)


async def test_a_sqlite_store_whose_folder_is_missing_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{(tmp_path / 'typo' / 'tasks.db').as_posix()}"

    with pytest.raises(Unavailable, match=r"the folder .*typo does not exist"):
        async with taskcore.open(url, hasher="scrypt://?n=2"):
            pass
    with pytest.raises(Unavailable, match=r"the folder .*typo does not exist"), blocking.open(url):
        pass


def test_hashing_needs_nothing_installed_for_a_store_that_needs_nothing() -> None:
    assert default_hasher("memory://") == "scrypt://"
    assert default_hasher("sqlite:///tasks.db") == "argon2://"


async def test_an_open_engine_tells_the_time_it_is_given() -> None:
    clock = FakeClock()
    async with taskcore.open("memory://", hasher="scrypt://?n=2", clock=clock) as core:
        ada = await core.users.register("ada@example.org", name="Ada", password="correct horse battery")

    assert ada.created_at == clock.now


def test_every_public_name_is_there_and_no_other() -> None:
    for name in taskcore.__all__:
        assert getattr(taskcore, name).__name__ == name
    assert set(taskcore.__all__) <= set(dir(taskcore))
    with pytest.raises(AttributeError, match="no attribute 'Tsak'"):
        _ = taskcore.Tsak  # type: ignore[attr-defined]


async def test_webhooks_go_where_whoever_opens_it_allows() -> None:
    url, allowed = "http://10.0.0.7:5678/hook", [ip_network("10.0.0.0/8")]
    async with (
        taskcore.open("memory://") as usual,
        taskcore.open("memory://", webhook_networks=allowed) as core,
    ):
        (me, mine) = [await _with_a_team(each) for each in (core, usual)]
        webhook, _ = await me.webhooks.create("PLAT", url)
        with pytest.raises(Invalid, match="must begin with https://"):
            await mine.webhooks.create("PLAT", url)

    assert webhook.url == url


async def _with_a_team(core: taskcore.TaskCore) -> Acting:
    ada = await core.users.register("ada@example.org", name="Ada", password="correct horse battery")
    me = core.acting_as(ada.id)
    await me.teams.create("Platform", key="PLAT")
    return me
