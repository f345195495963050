"""Kafka, or what speaks as it does: a consumer group of the topic that all teams' events are in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aiokafka import AIOKafkaConsumer, TopicPartition

from taskcore_stream.broker_url import BrokerUrl, broker_url
from taskcore_stream.kafka import security
from taskcore_stream.reading.source import AT_ONCE, CONSUMER, BrokerSource, Got

FORM = "kafka://[USER:PASSWORD@]HOST[:PORT]?topic=NAME&consumer=NAME&tls=on&sasl=plain|scram-sha-256|scram-sha-512&timeout=SECONDS"


def open_source(url: str, *, blocking: bool = False) -> BrokerSource:  # noqa: ARG001  brokers are for event loops
    """`kafka://HOST:PORT?topic=taskcore.events&consumer=reporting`, where the consumer is a group."""
    broker = broker_url(url, port=9092, known=("topic", "consumer", "tls", "sasl"), form=FORM)
    return BrokerSource(broker, partial(KafkaReader.connect, broker), patience_seconds=0.0)


class KafkaReader:
    """
    Kafka remembers one offset a partition, so what is committed there is the place of the first message that is not
    done with. It is said before more is asked for, and at the end.
    """

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._undone: dict[TopicPartition, set[int]] = {}
        self._behind: dict[TopicPartition, int] = {}
        """Behind all that was given."""
        self._committed: dict[TopicPartition, int] = {}

    @classmethod
    async def connect(cls, url: BrokerUrl, from_start: bool) -> KafkaReader:  # noqa: FBT001  as sources call it
        consumer = AIOKafkaConsumer(
            url.options.get("topic", "taskcore.events"),
            bootstrap_servers=url.address,
            group_id=url.options.get("consumer", CONSUMER),
            client_id="taskcore",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            request_timeout_ms=int(url.timeout_seconds * 1_000),
            **security(url),
        )
        try:
            await consumer.start()
            if from_start and consumer.assignment():
                await consumer.seek_to_beginning()
        except BaseException:
            await consumer.stop()
            raise
        return cls(consumer)

    async def some(self, seconds: float) -> Sequence[Got]:
        await self._commit()
        batches = await self._consumer.getmany(timeout_ms=int(seconds * 1_000), max_records=AT_ONCE)
        got: list[Got] = []
        for partition, records in batches.items():
            undone = self._undone.setdefault(partition, set())
            undone.update(record.offset for record in records)
            self._behind[partition] = records[-1].offset + 1
            got += [
                (record.value or b"", partial(self._done, partition, record.offset)) for record in records
            ]
        return got

    async def rest(self) -> bool:
        await self._commit()
        if any(self._undone.values()):
            return True
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        return any([await self._consumer.position(each) < end for each, end in ends.items()])

    async def close(self) -> None:
        try:
            await self._commit()
        finally:
            await self._consumer.stop()

    async def _done(self, partition: TopicPartition, offset: int) -> None:
        self._undone[partition].discard(offset)

    async def _commit(self) -> None:
        """Of the partitions that are still ours: others' readers begin where they were left."""
        places = {
            partition: min(self._undone[partition], default=behind)
            for partition, behind in self._behind.items()
            if partition in self._consumer.assignment()
        }
        news = {each: place for each, place in places.items() if self._committed.get(each) != place}
        if news:
            await self._consumer.commit(news)
            self._committed |= news
