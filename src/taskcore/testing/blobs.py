"""The contract of `Blobs`."""

from __future__ import annotations

import asyncio
import random

import pytest

from taskcore.errors import Invalid, NotFound
from taskcore.files.ports import MOST_KEY_CHARACTERS, Blobs

CONTENTS = [b"", b"\0", b"\r\n", bytes(range(256)), b"a" * 3_000_000]
WRONG_KEYS = [
    *("", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "./a", ".a", "a/.b"),
    *(
        "A",
        "a b",
        "a\\b",
        "a\0b",
        "a\n",
        "\na",
        "é",
        "a:b",
        "~a",
        "-a",
        "\ud800",
        "a" * (MOST_KEY_CHARACTERS + 1),
    ),
]
WRITERS = 20


class BlobsContract:
    """Behaviours of one place. A subclass gives the fixture `blobs`: an empty one."""

    @pytest.mark.parametrize("content", CONTENTS, ids=lambda content: f"{len(content)} bytes")
    async def test_what_is_put_is_got(self, blobs: Blobs, content: bytes) -> None:
        await blobs.put("teams/a/1.json", content)

        assert await blobs.get("teams/a/1.json") == content

    async def test_what_is_put_again_replaces_all_of_it(self, blobs: Blobs) -> None:
        await blobs.put("a", b"what was there before")
        await blobs.put("a", b"new")

        assert await blobs.get("a") == b"new"

    async def test_keys_are_apart_whatever_they_begin_with(self, blobs: Blobs) -> None:
        keys = ["a", "a.b", "a/b", "a/b/c", "a/b.c", "ab", "a_b", "a-b", "0", "k" * 200, "a/" * 60 + "a"]
        for key in keys:
            await blobs.put(key, key.encode())

        assert [await blobs.get(key) for key in keys] == [key.encode() for key in keys]

    async def test_what_is_not_there_is_not_found(self, blobs: Blobs) -> None:
        await blobs.put("a/b", b"")
        for key in ("b", "a", "a/b/c", "a/c"):
            with pytest.raises(NotFound):
                await blobs.get(key)

    async def test_what_is_deleted_is_gone_and_deleting_again_does_nothing(self, blobs: Blobs) -> None:
        await blobs.put("a/b", b"1")
        await blobs.put("a/c", b"2")
        for key in ("a/b", "a/b", "a/d", "a", "a/b/c", "x/y"):
            await blobs.delete(key)

        with pytest.raises(NotFound):
            await blobs.get("a/b")
        assert await blobs.get("a/c") == b"2"

    async def test_all_below_a_prefix_is_deleted_and_counted_and_nothing_else(self, blobs: Blobs) -> None:
        kept = ["teams/a", "teams/ab/1", "teams/b/1", "teams/a.b/1"]
        for key in (*kept, "teams/a/1", "teams/a/2", "teams/a/deep/er/3"):
            await blobs.put(key, key.encode())
        counts = [await blobs.delete_all(prefix) for prefix in ("teams/a/", "teams/a/", "nothing/")]

        assert counts == [3, 0, 0]
        assert [await blobs.get(key) for key in kept] == [key.encode() for key in kept]
        with pytest.raises(NotFound):
            await blobs.get("teams/a/deep/er/3")

    @pytest.mark.parametrize("key", WRONG_KEYS)
    async def test_what_is_no_key_is_refused_and_leads_nowhere(self, blobs: Blobs, key: str) -> None:
        for done in (blobs.put(key, b""), blobs.get(key), blobs.delete(key), blobs.delete_all(f"{key}/")):
            with pytest.raises(Invalid):
                await done

    async def test_a_prefix_ends_in_a_slash(self, blobs: Blobs) -> None:
        with pytest.raises(Invalid):
            await blobs.delete_all("teams/a")

    async def test_whoever_reads_while_others_write_reads_something_whole(self, blobs: Blobs) -> None:
        contents = [bytes([number]) * 100_000 for number in range(WRITERS)]
        await blobs.put("a/b", contents[0])
        seen = await asyncio.gather(
            *(blobs.put("a/b", content) for content in contents), *(blobs.get("a/b") for _ in range(WRITERS))
        )

        assert {read for read in seen if read is not None} <= {*contents}

    async def test_what_is_put_while_all_is_deleted_is_there_whole_or_not_at_all(self, blobs: Blobs) -> None:
        chance = random.Random(7)
        for round_ in range(10):
            work = [*(blobs.put(f"a/b{round_}/{key}", b"whole") for key in range(WRITERS // 2))]
            wipes = [blobs.delete_all(f"a/b{round_}/") for _ in range(WRITERS // 2)]
            everything = [*work, *wipes]
            chance.shuffle(everything)
            await asyncio.gather(*everything)
            for key in range(WRITERS // 2):
                try:
                    assert await blobs.get(f"a/b{round_}/{key}") == b"whole"
                except NotFound:
                    continue

        await blobs.put("a/b/1", b"after all")
        assert await blobs.get("a/b/1") == b"after all"
