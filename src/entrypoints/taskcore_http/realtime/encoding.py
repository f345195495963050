"""Events as they are told: made once for all who are told of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import cast

import attrs
from litestar.types import Message
from websockets.frames import Frame, Opcode

from taskcore.events import Event
from taskcore.values import EventId
from taskcore_http.answer import encoded
from taskcore_http.realtime.connection import FRAME

MOST_AT_ONCE = 65_536
"""Bytes that are sent in one piece."""
KEPT = 512
"""Encoded events that are kept: an event is told to all within moments, or to few."""


@attrs.define
class Encodings:
    """What `encode` makes of events, the last of them kept."""

    encode: Callable[[Event], Message]
    _kept: OrderedDict[EventId, Message] = attrs.field(factory=OrderedDict)

    def of(self, event: Event) -> Message:
        found = self._kept.get(event.id)
        if found is None:
            found = self._kept[event.id] = self.encode(event)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


def message(event: Event) -> Message:
    """An event as a socket has it: the fields that HTTP gives, behind the type. Framed already, where a server of
    ours sends it (`realtime.protocol`); any other takes the text."""
    content = b'{"type":"event",' + encoded(event)[1:]
    frame = Frame(Opcode.TEXT, content).serialize(mask=False)
    said = {"type": "websocket.send", "bytes": None, "text": content.decode(), FRAME: frame}
    return cast("Message", said)


def together(messages: Sequence[Message]) -> Iterator[Message]:
    """The same as few pieces, each of several frames: whoever is behind catches up the faster the more they missed."""
    frames: list[bytes] = []
    size = 0
    for each in messages:
        frames.append(each[FRAME])  # type: ignore[literal-required]  # as `message` makes it
        size += len(frames[-1])
        if size >= MOST_AT_ONCE:
            yield _piece(frames)
            frames, size = [], 0
    if frames:
        yield _piece(frames)


def _piece(frames: Sequence[bytes]) -> Message:
    return cast("Message", {"type": "websocket.send", FRAME: b"".join(frames)})


def block(event: Event) -> Message:
    """An event as a stream has it (WHATWG HTML, section 9.2.5); JSON has no line break."""
    content = b"id: %d\nevent: %b\ndata: %b\n\n" % (event.seq, event.kind.encode(), encoded(event))
    return {"type": "http.response.body", "body": content, "more_body": True}
