"""The secret of a machine that was given none."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from taskcore.errors import Invalid, Unavailable
from taskcore_app.key_file import kept_secrets, signing_secrets
from taskcore_app.settings import Settings

GOOD_SECRET = "pEq9Zx0bVn3KfT7hWm2RjYc5LsDu8GaQ"


def settings(store: str, file: Path, secret: str | None = None) -> Settings:
    return Settings(store=store, secret_file=str(file), secret=secret)


def test_the_first_start_makes_a_secret_and_the_second_finds_it(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "secret.key"
    first = signing_secrets(settings("sqlite:///tasks.db", file))

    assert signing_secrets(settings("sqlite:///tasks.db", file)) == first
    assert [len(secret) >= 32 for secret in first] == [True]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps such rights elsewhere")
def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "secret.key"
    kept_secrets(file, may_make=True)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_nothing_else_is_left_beside_it(tmp_path: Path) -> None:
    kept_secrets(tmp_path / "secret.key", may_make=True)

    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


def test_processes_that_start_together_end_with_the_same_one(tmp_path: Path) -> None:
    for round_ in range(20):
        file = tmp_path / str(round_) / "secret.key"
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(lambda _, file=file: tuple(kept_secrets(file, may_make=True)), range(8)))

        assert len(found) == 1


def test_a_secret_that_was_given_is_taken_and_no_file_made(tmp_path: Path) -> None:
    given = signing_secrets(settings("sqlite:///tasks.db", tmp_path / "secret.key", GOOD_SECRET))

    assert given == (GOOD_SECRET.encode(),)
    assert list(tmp_path.iterdir()) == []


def test_in_memory_the_secret_ends_with_the_process(tmp_path: Path) -> None:
    first, second = (signing_secrets(settings("memory://", tmp_path / "secret.key")) for _ in range(2))

    assert first != second
    assert list(tmp_path.iterdir()) == []


def test_no_secret_is_made_for_a_store_that_servers_share(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no secret in"):
        signing_secrets(settings("postgresql://db/tasks", tmp_path / "secret.key"))


def test_a_file_of_one_s_own_serves_a_store_that_servers_share(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(GOOD_SECRET + "\n")

    assert signing_secrets(settings("postgresql://db/tasks", tmp_path / "secret.key")) == (
        GOOD_SECRET.encode(),
    )


def test_of_several_secrets_the_first_signs_and_all_are_good(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text(f"{GOOD_SECRET}\n{GOOD_SECRET[::-1]}\n")
    from_file = signing_secrets(settings("sqlite:///tasks.db", tmp_path / "secret.key"))
    given = Settings(
        store="memory://",
        secret_file=str(tmp_path / "none"),
        secret=GOOD_SECRET,
        secret_previous=GOOD_SECRET[::-1],
    )

    assert from_file == signing_secrets(given) == (GOOD_SECRET.encode(), GOOD_SECRET[::-1].encode())


@pytest.mark.parametrize("kept", ["", "short", "x" * 64, f"{GOOD_SECRET}\nshort"])
def test_a_weak_secret_in_the_file_is_refused(tmp_path: Path, kept: str) -> None:
    (tmp_path / "secret.key").write_text(kept)

    with pytest.raises(Invalid, match="the secret in it"):
        kept_secrets(tmp_path / "secret.key", may_make=True)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"\xff\xfe")

    with pytest.raises(Unavailable, match="no secret in"):
        kept_secrets(tmp_path / "secret.key", may_make=True)


def test_a_folder_that_cannot_be_made_is_told_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Unavailable, match="TASKCORE_SECRET can give one instead"):
        kept_secrets(tmp_path / "file" / "secret.key", may_make=True)
