"""Every place for files keeps the contract; of a folder, also what dies in the midst of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from taskcore.connect import BLOBS, resolve
from taskcore.errors import Invalid, Unavailable
from taskcore.files.ports import Blobs
from taskcore.testing import BlobsContract


def open_blobs(url: str, *, blocking: bool = False) -> Blobs:
    blobs: Blobs = resolve(BLOBS, url)(url, blocking=blocking)
    return blobs


class TestInMemory(BlobsContract):
    @pytest.fixture
    async def blobs(self) -> AsyncIterator[Blobs]:
        opened = open_blobs("memory://")
        yield opened
        await opened.close()


@pytest.mark.parametrize("blocking", [False, True], ids=["in threads", "blocking"])
class TestInAFolder(BlobsContract):
    @pytest.fixture
    async def blobs(self, tmp_path: Path, blocking: bool) -> AsyncIterator[Blobs]:  # noqa: FBT001  a parameter of pytest's
        opened = open_blobs(f"file://{tmp_path}/here/it%20is", blocking=blocking)
        yield opened
        await opened.close()


@pytest.mark.parametrize(
    "wrong",
    [
        "memory://host",
        "memory:///x",
        "memory://?x=1",
        "file://host/x",
        "file:x",
        "file:///x?y",
        "file:///x#y",
    ],
)
def test_a_place_refuses_what_it_does_not_understand(wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_blobs(wrong)

    assert refused.value.faults[0].field == "blobs"


async def test_only_their_owner_can_read_files(tmp_path: Path) -> None:
    await open_blobs(f"file://{tmp_path}/blobs").put("a/b", b"secret")
    modes = [each.stat().st_mode & 0o077 for each in [tmp_path / "blobs", *(tmp_path / "blobs").rglob("*")]]

    assert modes == [0, 0, 0]


@pytest.mark.parametrize("key", ["a", "a/b"])
async def test_a_folder_that_cannot_be_had_is_unavailable(tmp_path: Path, key: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    blobs = open_blobs(f"file://{tmp_path}/file")

    with pytest.raises(Unavailable, match="cannot be had"):
        await blobs.put(key, b"")


WRITING_FOR_EVER = """
import asyncio, sys
from taskcore_blobs import folder_blobs

async def main():
    blobs = folder_blobs(sys.argv[1], blocking=True)
    content = [bytes([number]) * 200_000 for number in (0, 1)]
    for number in range(1_000_000):
        await blobs.put("a/b", content[number % 2])
        if not number:
            print("begun", flush=True)

asyncio.run(main())
"""


def write_until_killed(url: str) -> None:
    command = [sys.executable, "-c", WRITING_FOR_EVER, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:  # noqa: S603  a program of our own
        assert writer.stdout is not None
        writer.stdout.readline()
        writer.kill()


async def test_a_writer_that_is_killed_leaves_something_whole(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/blobs"
    blobs = open_blobs(url)
    for _ in range(5):
        write_until_killed(url)
        content = await blobs.get("a/b")

        assert (len(content), len(set(content))) == (200_000, 1)
    assert await blobs.delete_all("a/") == 1
    assert not list((tmp_path / "blobs").rglob("*"))
