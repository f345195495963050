"""What the setting `stream` may say, and that nobody is told what it holds."""

from __future__ import annotations

import pytest

from taskcore.connect import STREAMS, resolve
from taskcore.errors import Invalid
from taskcore_stream.broker_url import BrokerUrl, broker_url
from taskcore_stream.kafka import security

WRONG = [
    "nats://",
    "nats:///path",
    "nats://:hunter2@host:port",
    "nats://host:0",
    "nats://host?x=hunter2",
    "nats://host?stream=",
    "nats://host?stream=a&stream=b",
    "nats://host?timeout=0",
    "nats://host?timeout=soon",
    "nats://host#hunter2",
    "amqp://host?topic=hunter2",
    "kafka://host?tls=hunter2",
    "kafka://host?sasl=hunter2",
    "nats://host?stream=a.hunter2",
    "nats://host?subject=a.*.hunter2",
    "nats://host?subject=a..hunter2",
    "nats://host?subject=a.>",
    "kafka://host?topic=a*hunter2",
    "kafka://host?topic=..",
    "amqp://host?exchange=amq.hunter2",
    "amqp://host?queue=a%0Ahunter2",
    "redis://host/hunter2",
    "redis://host?maxlen=hunter2",
]


@pytest.mark.parametrize("url", WRONG)
def test_what_cannot_be_read_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Invalid, match="must be written") as refused:
        resolve(STREAMS, url)(url, blocking=False)

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "nats://host?stream=a-B_7&subject=a.b-c.D_7",
        "kafka://host?topic=a.b-c_D",
        "amqp://host?exchange=a.b/c:d&queue=e f",
        "redis://host?stream=a:b.c*",
    ],
)
def test_names_that_a_broker_takes_are_taken(url: str) -> None:
    assert resolve(STREAMS, url)(url, blocking=False)


def read(url: str) -> BrokerUrl:
    return broker_url(url, port=4222, known=("stream",), form="so")


def test_what_is_no_url_is_refused_as_well() -> None:
    with pytest.raises(Invalid, match="must be written so"):
        read("nats://a:hunter2@[::1")


def test_what_is_left_out_is_as_the_broker_has_it() -> None:
    assert read("nats://host") == BrokerUrl("nats", "host", 4222)
    assert read("nats://host:7?stream=a&timeout=2.5") == BrokerUrl(
        "nats", "host", 7, options={"stream": "a"}, timeout_seconds=2.5
    )


def test_a_library_is_given_who_we_are_and_people_are_not() -> None:
    url = read("amqp://ada:hunter%402%2F@[::1]:7/vhost?stream=a")

    assert url.url() == "amqp://ada:hunter%402%2F@[::1]:7/vhost"
    assert str(url) == "amqp://[::1]:7"
    assert "hunter" not in repr(url)
    assert read("nats://host").url() == "nats://host:4222"


@pytest.mark.parametrize(
    "said",
    ["no hunter@2/", "at amqp://ada:hunter%402%2F@h/", "amqp://ada:hunter%402/@h", "b'ada\\x00hunter@2/'"],
)
def test_what_a_library_says_is_told_without_the_password(said: str) -> None:
    hidden = read("amqp://ada:hunter%402%2F@host").hidden(said)

    assert "hunter" not in hidden
    assert "***" in hidden


def test_a_token_in_the_users_place_is_hidden_too() -> None:
    assert read("nats://hunter2@host").hidden("bad token hunter2") == "bad token ***"


@pytest.mark.parametrize(
    ("asked", "protocol"),
    [
        ("", "PLAINTEXT"),
        ("?tls=on", "SSL"),
    ],
)
def test_kafka_is_spoken_to_as_it_was_asked(asked: str, protocol: str) -> None:
    bare = broker_url(f"kafka://host{asked}", port=9092, known=("tls", "sasl"), form="so")
    known = broker_url(f"kafka://ada:hunter2@host{asked}", port=9092, known=("tls", "sasl"), form="so")

    assert security(bare)["security_protocol"] == protocol
    assert security(known)["security_protocol"] == f"SASL_{protocol}"
    assert security(known)["sasl_mechanism"] == "PLAIN"
    assert security(known)["sasl_plain_password"] == "hunter2"
    assert ("ssl_context" in security(known)) == (protocol == "SSL")
