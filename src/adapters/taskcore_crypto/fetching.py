"""The calls into httpx. Apart from `provider`, which loads this module when the first key set is wanted."""

from __future__ import annotations

import httpx

from taskcore.errors import Unavailable

HEADERS = {"accept": "application/json", "accept-encoding": "identity"}


def client() -> httpx.AsyncClient:
    """Whoever is asked answers itself: no redirect leads anywhere else.

    The caller bounds the time of it all: httpx would bound each read, and a slow answer may have many.
    """
    return httpx.AsyncClient(follow_redirects=False, headers=HEADERS, timeout=None)  # noqa: S113  as just said


async def fetched(through: httpx.AsyncClient, url: str, most_bytes: int) -> bytes:
    """What is at `url`, as sent: what comes compressed is not blown up. Raises: Unavailable, for any other answer
    than a 200 of at most that many bytes."""
    body = bytearray()
    try:
        async with through.stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                raise Unavailable(f"{url} answers {answer.status_code}")
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > most_bytes:
                    raise Unavailable(f"{url} answers with more than {most_bytes} bytes")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unavailable(f"{url} does not answer: {type(error).__name__} {error}") from error
    return bytes(body)
