"""Every bus keeps the contract, Redis a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from taskcore.connect import BUSES, resolve
from taskcore.delivery.ports import Bus
from taskcore.errors import Invalid
from taskcore.testing import BusContract, SharedBusContract
from tests.servers.redis import Redis, redis_server


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with redis_server() as server:
        yield server


def open_bus(url: str) -> Bus:
    bus: Bus = resolve(BUSES, url)(url, blocking=False)
    return bus


class TestInMemory(BusContract):
    """Within one process."""

    @pytest.fixture
    async def bus(self) -> AsyncIterator[Bus]:
        opened = open_bus("memory://")
        yield opened
        await opened.close()


class TestInRedis(BusContract, SharedBusContract):
    """Between processes too."""

    @pytest.fixture
    async def bus(self, redis: Redis) -> AsyncIterator[Bus]:
        opened = open_bus(redis.url)
        yield opened
        await opened.close()

    @pytest.fixture
    async def other(self, redis: Redis) -> AsyncIterator[Bus]:
        opened = open_bus(redis.url)
        yield opened
        await opened.close()


@pytest.mark.parametrize(
    "wrong",
    ["memory://host", "memory:///x", "memory://?x=1", "redis://:hunter2@host:port/0", "redis://h?db=hunter2"],
)
def test_a_bus_refuses_what_it_does_not_understand(wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_bus(wrong)

    assert "hunter2" not in str(refused.value)
    assert refused.value.faults[0].field == "bus"
