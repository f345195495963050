"""Answers of the server itself, to what never becomes a request of the service."""

from __future__ import annotations

import json
from http import HTTPStatus
from os import urandom

Problem = dict[str, str | int]
TOO_LARGE: Problem = {
    "type": "/problems/header_too_large",
    "title": "The header is too large",
    "status": 431,
    "detail": "send fewer and shorter header fields",
    "code": "header_too_large",
}
NO_HTTP: Problem = {
    "type": "/problems/malformed",
    "title": "The request cannot be read",
    "status": 400,
    "detail": "this is no HTTP/1.1 request",
    "code": "malformed",
}
NO_HANDSHAKE = NO_HTTP | {"detail": "this is no handshake of a WebSocket (RFC 6455, section 4.2.1)"}
NO_SOCKET: Problem = {
    "type": "/problems/not_found",
    "title": "There is no such thing",
    "status": 404,
    "detail": "there is no socket",
    "code": "not_found",
}
UPGRADE: Problem = {
    "type": "/problems/upgrade_required",
    "title": "Only a WebSocket is answered here",
    "status": 426,
    "detail": "open it by GET, in version 13 of WebSocket",
    "code": "upgrade_required",
}
_UPGRADING = b"upgrade: websocket\r\nsec-websocket-version: 13\r\n"
"""RFC 9110, section 15.5.22; RFC 6455, section 4.4."""
_ANSWER = (
    b"HTTP/1.1 %d %b\r\ncontent-type: application/problem+json\r\nx-request-id: %b\r\n%b"
    b"cache-control: no-store\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%b"
)


def refusal(problem: Problem) -> bytes:
    """An answer to what never becomes a request of the service."""
    request_id = urandom(16).hex()
    body = json.dumps(problem | {"request_id": request_id}, separators=(",", ":")).encode()
    status = int(problem["status"])
    more = _UPGRADING if status == HTTPStatus.UPGRADE_REQUIRED else b""
    return _ANSWER % (status, HTTPStatus(status).phrase.encode(), request_id.encode(), more, len(body), body)
