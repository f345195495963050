"""RabbitMQ: a durable topic exchange, to which consumers bind queues of their own, by team or for all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from aio_pika import DeliveryMode, ExchangeType, Message, connect
from aio_pika.abc import AbstractConnection, AbstractExchange

from taskcore.delivery.cloudevents import MEDIA_TYPE, TYPE_PREFIX, encoded
from taskcore.events import Event
from taskcore_stream.broker_url import BrokerUrl, broker_url, check_name
from taskcore_stream.stream import BrokerStream

FORM = "amqp://[USER:PASSWORD@]HOST[:PORT][/VHOST]?exchange=NAME&queue=NAME&timeout=SECONDS, or amqps://"
PORTS = {"amqp": 5672, "amqps": 5671}
EVERY_TEAM = "#"


def open_stream(url: str, *, blocking: bool = False) -> BrokerStream:  # noqa: ARG001  brokers are for event loops
    """
    `amqp://USER:PASSWORD@HOST:PORT/VHOST?exchange=taskcore.events`, or `amqps://` for the same through TLS.

    RabbitMQ confirms, and drops, what no queue is bound for. With `queue=NAME` there is a durable one for all
    teams from the start.
    """
    port = PORTS[url.partition(":")[0].lower()]
    broker = broker_url(url, port=port, known=("exchange", "queue"), form=FORM)
    for option in ("exchange", "queue"):
        check_name(
            broker,
            option,
            r"(?!amq\.(?!topic$))[^\x00-\x1f\x7f]{1,255}",
            "of 255 characters at most, not beginning with amq. (but amq.topic)",
        )
    return BrokerStream(broker, partial(RabbitLine.connect, broker))


class RabbitLine:
    """
    Events go to a topic exchange with their team's id as the routing key, as persistent messages, each of which
    the server confirms once it is in every queue that is bound for it.
    """

    at_once = 1

    def __init__(self, connection: AbstractConnection, exchange: AbstractExchange) -> None:
        self._connection = connection
        self._exchange = exchange

    @classmethod
    async def connect(cls, url: BrokerUrl) -> RabbitLine:
        """Raises what the server says to an exchange or a queue that is there and is made otherwise."""
        connection = await connect(url.url(), timeout=url.timeout_seconds)
        try:
            return cls(connection, await _declared(connection, url))
        except BaseException:
            await connection.close()
            raise

    async def send(self, events: Sequence[Event]) -> None:
        for event in events:
            await self._exchange.publish(_message(event), routing_key=str(event.team_id), mandatory=False)

    async def close(self) -> None:
        await self._connection.close()


async def _declared(connection: AbstractConnection, url: BrokerUrl) -> AbstractExchange:
    channel = await connection.channel(publisher_confirms=True)
    name = url.options.get("exchange", "taskcore.events")
    exchange = await channel.declare_exchange(name, ExchangeType.TOPIC, durable=True)
    if (queue_name := url.options.get("queue")) is not None:
        queue = await channel.declare_queue(queue_name, durable=True)
        await queue.bind(exchange, routing_key=EVERY_TEAM)
    return exchange


def _message(event: Event) -> Message:
    return Message(
        encoded(event),
        app_id="taskcore",
        content_type=MEDIA_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=str(event.id),
        timestamp=event.at,
        type=TYPE_PREFIX + event.kind,
    )
