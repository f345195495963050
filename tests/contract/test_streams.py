"""What every stream promises, over each broker, all of them real."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from taskcore.connect import STREAMS, resolve
from taskcore.delivery.ports import Stream
from taskcore.errors import Unavailable
from taskcore.testing import StreamContract
from taskcore.testing.stream import log_of, new_team
from tests.contract.brokers import (
    KafkaBroker,
    NatsBroker,
    RabbitBroker,
    RedisBroker,
    kafka_broker,
    nats_broker,
    rabbit_broker,
    redis_broker,
)
from tests.servers.nats import nats_server

Opening = Callable[[str, float], Stream]


@pytest.fixture
def open_stream() -> Opening:
    def opened(url: str, timeout_seconds: float) -> Stream:
        sign = "&" if "?" in url else "?"
        stream: Stream = resolve(STREAMS, url)(f"{url}{sign}timeout={timeout_seconds}", blocking=False)
        return stream

    return opened


@pytest.fixture(scope="module")
def nats() -> Iterator[NatsBroker]:
    with nats_broker() as running:
        yield running


class TestNats(StreamContract):
    """JetStream, its streams in files."""

    @pytest.fixture
    def broker(self, nats: NatsBroker) -> NatsBroker:
        return nats


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisBroker]:
    with redis_broker() as running:
        yield running


class TestRedis(StreamContract):
    """Redis Streams, of a server that writes each entry down before it confirms it."""

    @pytest.fixture
    def broker(self, redis: RedisBroker) -> RedisBroker:
        return redis


@pytest.fixture(scope="module")
def rabbitmq() -> Iterator[RabbitBroker]:
    with rabbit_broker() as running:
        yield running


@pytest.mark.slow
class TestRabbitMq(StreamContract):
    """RabbitMQ, with a durable queue for all teams."""

    @pytest.fixture
    def broker(self, rabbitmq: RabbitBroker) -> RabbitBroker:
        return rabbitmq


@pytest.fixture(scope="module")
def kafka() -> Iterator[KafkaBroker]:
    with kafka_broker() as running:
        yield running


class TestWhatSpeaksAsKafkaDoes(StreamContract):
    """Not Apache Kafka, which no package brings: another server of its protocol, which keeps topics in files."""

    patience_seconds = 5.0

    @pytest.fixture
    def broker(self, kafka: KafkaBroker) -> KafkaBroker:
        return kafka


async def test_a_nats_that_knows_us_not_says_so_and_tells_no_password(
    open_stream: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    with nats_server("--user", "ada", "--pass", "right") as server:
        place = server.url.removeprefix("nats://")
        wrong, right = (open_stream(f"nats://ada:{word}@{place}", 10) for word in ("hunter2", "right"))
        with pytest.raises(Unavailable, match="Authorization") as refused:
            await wrong.publish(log_of(new_team(), 1))
        await right.publish(log_of(new_team(), 1))
        await wrong.close()
        await right.close()

    assert "hunter2" not in f"{refused.value} {caplog.text}"
