"""`--idempotency-key`: a script that runs again changes nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.entry.cli.conftest import ADA, Taskcore
from tests.entry.cli.twins import Twin, normalised, ran, twins

RUNS = [
    "task add Once --team PLAT",
    "task done PLAT-11 PLAT-12",
    "task label PLAT-16 bug ui",
    "task rm PLAT-21",
    "task comment PLAT-18 Hello",
    "task move PLAT-17 --after PLAT-20",
    "task claim --team PLAT",
    "team create Again --key AGAIN",
    "team invite PLAT again@example.org",
    "token create ci",
    "me edit --name Augusta",
]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Twin, Twin]]:
    with twins(tmp_path_factory.mktemp("twins")) as both:
        yield both


@pytest.mark.parametrize("words", RUNS)
def test_a_run_that_is_repeated_prints_the_same_and_changes_nothing(
    words: str,
    pair: tuple[Twin, Twin],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("TASKCORE_HASHER", "argon2://?m=8&t=1")
    printed = []
    for twin in pair:
        before, log = [*twin.way(ADA), "--json"], ["event", "list", "--team", "PLAT", "--limit", "200"]
        once = [*before, "--idempotency-key", f"key of {words}", *words.split(" ")]
        first = ran(once, capsys, monkeypatch)
        told = ran([*before, *log], capsys, monkeypatch)
        again = ran(once, capsys, monkeypatch)

        assert first.code == 0, first.err
        assert again == first
        assert ran([*before, *log], capsys, monkeypatch) == told
        printed.append(normalised(first.out, twin))
    assert printed[0] == printed[1]


def test_another_request_under_the_key_is_refused(taskcore: Taskcore) -> None:
    taskcore("--idempotency-key", "k", "add", "Once")
    refused = taskcore("--idempotency-key", "k", "add", "Another", exits=2)

    assert "another request" in refused.stderr


@pytest.mark.parametrize("words", ["user list", "import x", "config"])
def test_what_keeps_nothing_under_a_key_takes_none(taskcore: Taskcore, words: str) -> None:
    refused = taskcore("--idempotency-key", "k", *words.split(), exits=2)

    assert "takes no --idempotency-key" in refused.stderr
