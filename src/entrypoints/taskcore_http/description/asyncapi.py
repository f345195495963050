"""
What is told without being asked for each time (AsyncAPI 3.0): the socket on which a team is followed, and the
brokers that have every team's events.

Our own words, as OpenAPI's are: FastStream would describe what is published through it, of one broker a document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskcore import __version__
from taskcore.delivery.cloudevents import MEDIA_TYPE, SEQUENCE_DIGITS, TYPE_PREFIX
from taskcore.events import Event
from taskcore.live.presence import State
from taskcore_http.description.schema import Schema, schema

TEAM = "A team's id."
ID: Schema = {"type": "string", "format": "uuid"}
AFTER: Schema = {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}
FILTERS: Schema = {
    "type": "object",
    "properties": {
        "after": {**AFTER, "description": "Beyond which `seq` to begin; without it, from now on."},
        "kinds": {
            "type": "string",
            "description": "Kinds of events, with commas between: `task.created,comment.*`.",
        },
        "project": {"type": "string", "description": "Only of this project."},
        "task": {"type": "string", "description": "Only of this task."},
    },
}
BROKERS: Mapping[str, tuple[str, str, str, Schema]] = {
    "nats": ("nats", "localhost:4222", "taskcore.events.{team_id}", {}),
    "rabbitmq": (
        "amqp",
        "localhost:5672",
        "{team_id}",
        {
            "amqp": {
                "is": "routingKey",
                "exchange": {
                    "name": "taskcore.events",
                    "type": "topic",
                    "durable": True,
                    "autoDelete": False,
                    "vhost": "/",
                },
                "bindingVersion": "0.3.0",
            }
        },
    ),
    "kafka": (
        "kafka",
        "localhost:9092",
        "taskcore.events",
        {"kafka": {"topic": "taskcore.events", "bindingVersion": "0.5.0"}},
    ),
    "redis": ("redis", "localhost:6379", "taskcore:events", {}),
}
"""By name: the protocol, a server, where events are, and what AsyncAPI's binding of the protocol says of it."""


def asyncapi() -> Schema:
    """The whole description, of the socket's first version and of the events that are version 1's too."""
    components: dict[str, Schema] = {}
    event = schema(Event, components)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "taskcore, what happens",
            "version": __version__,
            "description": "A team's log, told while it happens: over a WebSocket to who may see it, and by a broker "
            "to who runs the instance. A broker may have an event twice, told by `id` or by team and `sequence`.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {"service": _service(), **{name: _server(name) for name in BROKERS}},
        "channels": {"follow": _follow(), **{name: _channel(name) for name in BROKERS}},
        "operations": {
            "say": _operation("receive", "follow", CLIENT, "What a client says, its token first."),
            "tell": _operation("send", "follow", SERVICE, "What the client is told."),
            **{
                f"publish_to_{name}": _operation(
                    "send", name, ["published"], "Every event of every team, in its team's order."
                )
                for name in BROKERS
            },
        },
        "components": {
            "schemas": components,
            "messages": {**_messages(event), "published": _published(event)},
        },
    }


CLIENT = ["token", "look", "typing", "read_up_to"]
SERVICE = ["event", "ready", "presence", "read", "refusal", "resync_required"]


def _service() -> Schema:
    return {
        "host": "localhost:8000",
        "protocol": "wss",
        "description": "The service itself, wherever it is; `ws` where TLS ends before it.",
    }


def _server(name: str) -> Schema:
    protocol, host, _, _ = BROKERS[name]
    return {
        "host": host,
        "protocol": protocol,
        "description": "Where the setting `stream` says, if it names such a broker.",
    }


def _follow() -> Schema:
    return {
        "address": "/v1/teams/{team}/events/ws",
        "servers": [{"$ref": "#/servers/service"}],
        "parameters": {"team": {"description": "A team's id, slug or key."}},
        "messages": {name: _ref("messages", name) for name in (*CLIENT, *SERVICE)},
        "bindings": {"ws": {"method": "GET", "query": FILTERS, "bindingVersion": "0.1.0"}},
        "description": "Closed with 4400 to 4499, the last two digits those of HTTP's status, when it ends for a reason.",
    }


def _channel(name: str) -> Schema:
    _, _, address, bindings = BROKERS[name]
    described: Schema = {
        "address": address,
        "servers": [{"$ref": f"#/servers/{name}"}],
        "messages": {"published": _ref("messages", "published")},
    }
    if "{team_id}" in address:
        described["parameters"] = {"team_id": {"description": TEAM}}
    return {**described, "bindings": bindings} if bindings else described


def _operation(action: str, channel: str, messages: Sequence[str], summary: str) -> Schema:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
    }


def _messages(event: Schema) -> dict[str, Schema]:
    """Those of the socket, each a JSON object in a text frame."""
    text: Schema = {"type": "string"}
    told = _typed("event")
    return {
        "token": _message("Who the client is, within seconds of opening", _object(token=text)),
        "event": _message("Something happened", {"allOf": [event, told]}),
        "look": _message(
            "What a window shows: a task by its id or key, or none",
            _object(type={"const": "look"}, task={"type": ["string", "null"]}),
        ),
        "typing": _message(
            "Whether somebody writes a comment on a task",
            _object(type={"const": "typing"}, task=text, active={"type": "boolean"}),
        ),
        "read_up_to": _message(
            "Up to which comment somebody has read what is said about a task",
            _object(type={"const": "read"}, task=text, comment=ID),
        ),
        "presence": _message(
            "What somebody does at a task from now on",
            _object(
                type={"const": "presence"},
                task_id=ID,
                task=text,
                user_id=ID,
                state={"enum": [*State]},
                at={"type": "string", "format": "date-time"},
            ),
        ),
        "read": _message(
            "Up to which comment somebody has read, on the task that is looked at",
            _object(type={"const": "read"}, task_id=ID, user_id=ID, comment_id=ID),
        ),
        "ready": _message("All up to here has been told", _object(type={"const": "ready"}, seq=AFTER)),
        "refusal": _message(
            "What the client said was not carried out",
            _object(type={"const": "error"}, code=text, detail=text),
        ),
        "resync_required": _message(
            "`after` is not in the log (any more), or what a guest may see is another: read anew, then follow",
            _typed("resync_required"),
        ),
    }


def _published(event: Schema) -> Schema:
    """A CloudEvent 1.0 in structured mode, which every broker has."""
    attributes = {
        "specversion": {"const": "1.0"},
        "id": ID,
        "source": {"type": "string", "pattern": "^/teams/[0-9a-f-]{36}$"},
        "type": {"type": "string", "pattern": f"^{TYPE_PREFIX.replace('.', '[.]')}[a-z_]+[.][a-z_]+$"},
        "subject": {"type": "string", "pattern": "^[a-z_]+/[0-9a-f-]{36}$"},
        "time": {"type": "string", "format": "date-time"},
        "partitionkey": ID,
        "sequence": {"type": "string", "pattern": f"^[0-9]{{{SEQUENCE_DIGITS}}}$"},
    }
    data: Schema = {
        "oneOf": [
            _object(datacontenttype={"const": "application/json"}, data=event),
            _object(dataref={"type": "string", "description": "Where an event of a megabyte and more is."}),
        ]
    }
    return {
        **_message("An event of a team", {"allOf": [_object(**attributes), data]}),
        "contentType": MEDIA_TYPE,
        "bindings": {"kafka": {"key": {**ID, "description": TEAM}, "bindingVersion": "0.5.0"}},
    }


def _message(title: str, payload: Schema) -> Schema:
    return {"title": title, "payload": payload}


def _typed(name: str) -> Schema:
    return _object(type={"const": name})


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": [*properties]}


def _ref(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}
