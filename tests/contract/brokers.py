"""The brokers that streams are tried on, each with somebody who reads what it has, by a library of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from aio_pika import connect as connect_amqp
from aiokafka import AIOKafkaConsumer
from nats import connect
from nats.js.errors import NotFoundError
from redis.asyncio import Redis as RedisClient

from taskcore.testing.stream import by_team
from taskcore.values import TeamId
from tests.servers.child import Child
from tests.servers.kafka import kafka_server
from tests.servers.nats import nats_server
from tests.servers.rabbitmq import rabbitmq_server
from tests.servers.redis import Redis, redis_server


class Running:
    """A broker that runs as our child."""

    keeps = True

    def __init__(self, server: Child | Redis, url: str) -> None:
        self._server = server
        self.url = url

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server.start()

    def paused(self) -> AbstractContextManager[None]:
        return self._server.paused()


class NatsBroker(Running):
    async def bodies(self, teams: Iterable[TeamId]) -> Sequence[bytes]:
        client = await connect(self.url)
        try:
            jetstream = client.jetstream()
            found = []
            for team in teams:
                subject = f"taskcore.events.{team}"
                info = await jetstream.stream_info("taskcore", subjects_filter=subject)
                count = (info.state.subjects or {}).get(subject, 0)
                reader = await jetstream.subscribe(subject, stream="taskcore", ordered_consumer=True)
                found += [(await reader.next_msg(timeout=20)).data for _ in range(count)]
                await reader.unsubscribe()
            return found
        except NotFoundError:  # nothing has made the stream yet
            return []
        finally:
            await client.close()


@contextmanager
def nats_broker() -> Iterator[NatsBroker]:
    with nats_server() as server:
        yield NatsBroker(server, server.url)


class RedisBroker(Running):
    async def bodies(self, teams: Iterable[TeamId]) -> Sequence[bytes]:
        async with RedisClient.from_url(self.url) as client:
            entries = await client.xrange("taskcore:events")
        return by_team((fields[b"event"] for _, fields in entries), teams)


@contextmanager
def redis_broker() -> Iterator[RedisBroker]:
    with redis_server(keeps=True) as server:
        yield RedisBroker(server, server.url)


class RabbitBroker(Running):
    """Its one consumer keeps all it ever got, as its queue does not."""

    def __init__(self, server: Child, url: str) -> None:
        super().__init__(server, f"{url}/?queue=all")
        self._at = url
        self._got: list[bytes] = []

    async def bodies(self, teams: Iterable[TeamId]) -> Sequence[bytes]:
        async with await connect_amqp(self._at) as connection:
            queue = await (await connection.channel()).get_queue("all")
            while (message := await queue.get(fail=False)) is not None:
                self._got.append(message.body)
                await message.ack()
        return by_team(self._got, teams)


@contextmanager
def rabbit_broker() -> Iterator[RabbitBroker]:
    with rabbitmq_server() as server:
        yield RabbitBroker(server, server.url)


class KafkaBroker(Running):
    async def bodies(self, teams: Iterable[TeamId]) -> Sequence[bytes]:
        at = self.url.removeprefix("kafka://")
        consumer = AIOKafkaConsumer("taskcore.events", bootstrap_servers=at, auto_offset_reset="earliest")
        await consumer.start()
        try:
            partitions = consumer.assignment()
            ends = await consumer.end_offsets(partitions)
            found: list[bytes] = []
            while any([await consumer.position(each) < ends[each] for each in partitions]):
                batch = await consumer.getmany(timeout_ms=200)
                found += [record.value for records in batch.values() for record in records]
            return by_team(found, teams)
        finally:
            await consumer.stop()


@contextmanager
def kafka_broker() -> Iterator[KafkaBroker]:
    with kafka_server() as server:
        yield KafkaBroker(server, server.url)
