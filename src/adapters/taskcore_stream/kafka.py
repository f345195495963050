"""Kafka, or what speaks as it does: one topic, in which a team's events are in one partition."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from ssl import create_default_context
from typing import Any

from aiokafka import AIOKafkaProducer

from taskcore.delivery.cloudevents import MEDIA_TYPE, encoded
from taskcore.errors import invalid
from taskcore.events import Event
from taskcore_stream.broker_url import BrokerUrl, broker_url, check_name
from taskcore_stream.stream import BrokerStream

FORM = "kafka://[USER:PASSWORD@]HOST[:PORT]?topic=NAME&tls=on&sasl=plain|scram-sha-256|scram-sha-512&timeout=SECONDS"
MECHANISMS = ("plain", "scram-sha-256", "scram-sha-512")


def open_stream(url: str, *, blocking: bool = False) -> BrokerStream:  # noqa: ARG001  brokers are for event loops
    """`kafka://HOST:PORT?topic=taskcore.events`; with a user, by SASL, `plain` unless `sasl` says otherwise."""
    broker = broker_url(url, port=9092, known=("topic", "tls", "sasl"), form=FORM)
    check_name(
        broker, "topic", r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}", "of letters, digits, . - and _, at most 249"
    )
    options = broker.options
    if options.get("tls", "on") not in ("on", "off") or options.get("sasl", "plain") not in MECHANISMS:
        raise invalid("stream", f"must be written {FORM}")
    _hush()
    return BrokerStream(broker, partial(KafkaLine.connect, broker))


def _hush() -> None:
    """The library logs passwords when it tells all, and while a broker is away says so twenty times a second.
    What is wrong is told by the error; who wants more than that gives its logger a level."""
    log = logging.getLogger("aiokafka")
    if log.level == logging.NOTSET:
        log.setLevel(logging.CRITICAL)


class KafkaLine:
    """
    A message's key is its team's id, so that a team's events share a partition and keep their order in it. The
    producer is idempotent and waits for all replicas in sync: what it sends again by itself is there once.
    """

    at_once = 1

    def __init__(self, url: BrokerUrl) -> None:
        patience_ms = int(url.timeout_seconds * 1_000)
        self._topic = url.options.get("topic", "taskcore.events")
        self._producer = AIOKafkaProducer(
            bootstrap_servers=url.address,
            client_id="taskcore",
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=patience_ms,
            **security(url),
        )

    @classmethod
    async def connect(cls, url: BrokerUrl) -> KafkaLine:
        line = cls(url)
        try:
            await line._producer.start()
        except BaseException:
            await line.close()
            raise
        return line

    async def send(self, events: Sequence[Event]) -> None:
        for event in events:
            headers = [("content-type", MEDIA_TYPE.encode())]
            key = str(event.team_id).encode()
            await self._producer.send_and_wait(self._topic, encoded(event), key=key, headers=headers)

    async def close(self) -> None:
        await self._producer.stop()


def security(url: BrokerUrl) -> dict[str, Any]:
    """What the client library is told of TLS and of who we are."""
    with_tls = url.options.get("tls") == "on"
    found: dict[str, Any] = {"ssl_context": create_default_context()} if with_tls else {}
    if not url.user:
        return {**found, "security_protocol": "SSL" if with_tls else "PLAINTEXT"}
    return {
        **found,
        "security_protocol": "SASL_SSL" if with_tls else "SASL_PLAINTEXT",
        "sasl_mechanism": url.options.get("sasl", "plain").upper(),
        "sasl_plain_username": url.user,
        "sasl_plain_password": url.password,
    }
