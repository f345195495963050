"""
The description holds what the service does, whoever asks: Schemathesis sends what the schema allows and what
it forbids, and goes from answer to answer by their links, as each role, and compares each answer with what is
described. No operation is left out; `asking` gives whoever asks anew what a request has ended.

`SCHEMATHESIS_EXAMPLES=50 pytest tests/entry/http/test_description.py` looks deeper than CI does.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from taskcore.core import TaskCore
from taskcore_app.container import Container
from taskcore_http.app import OPERATIONS, build
from taskcore_http.description import document
from taskcore_http.operation import Operation
from tests.entry.http.conftest import PASSWORD, serving, settings_for

ROOT = Path(__file__).parents[3]
ADMIN = "root@example.org"
ROLES = ("owner", "admin", "member", "guest", "operator", "nobody")
JOBS = 50
"""What waits in the service from the beginning; a request may drop some."""
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "")
"""How many of each operation are tried; if nothing is said, a few."""
STORE = os.environ.get("SCHEMATHESIS_STORE", "memory://")
"""Where it is kept; `{folder}` is the test's own."""
SEED = os.environ.get("SCHEMATHESIS_SEED", "20261126")
ACCEPTED = ["2xx", "304", "401", "403", "404", "409", "410", "412"]
"""What sound data may be answered with: no schema says who asks, what is there, how far a log is, or who was faster. What else a
schema cannot say stands in `asking.RULES`, field by field."""
LENIENT = {
    "batch_tasks": "each of its operations is refused by itself, in an answer that is 200",
    "create_view": "a query takes what stands in a URL too, texts for numbers and truths",
    "edit_view": "as above",
}
"""Operations that take more than they say."""
CONFIG = """
hooks = "tests.entry.http.asking"
warnings = false

[generation]
allow-x00 = false
max-examples = {examples}

[phases.stateful]
max-steps = 40

[phases.stateful.inference]
algorithms = []

[phases.stateful.generation]
max-examples = {stories}

[checks.positive_data_acceptance]
expected-statuses = {accepted}

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422"]
"""
EXCEPTION = """
[[operations]]
include-operation-id = {name}
"""


def covers(role: str, place: int) -> bool:
    """
    Whether a role sends an operation what lies just within and just beyond each of its bounds.

    Each operation is some role's: one with a body that of somebody who may send it, so that the refusal of a right does
    not hide that of a value.
    """
    about: Operation = OPERATIONS[place].opt["operation"]
    if about.body is None:
        return role == ROLES[place % len(ROLES)]
    if "/instance/" in about.path:
        return role == "operator"
    return role == ("owner", "admin")[place % 2]


def config(role: str) -> str:
    """
    What Schemathesis is told: all phases are for every operation but that of bounds (`coverage`), which by itself is
    nine tenths of the work, and which the roles share, unless one looks deeper.
    """
    lines = [CONFIG.format(accepted=json.dumps(ACCEPTED), examples=EXAMPLES or 2, stories=EXAMPLES or 5)]
    for place, handler in enumerate(OPERATIONS):
        name = str(handler.fn.__name__)
        told = []
        if name in LENIENT:
            told.append('checks.negative_data_rejection.expected-statuses = ["2xx", "4xx"]')
        if not EXAMPLES and not covers(role, place):
            told.append("phases.coverage.enabled = false")
        if told:
            lines += [EXCEPTION.format(name=json.dumps(name)), *told]
    return "\n".join(lines)


@pytest.fixture
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service whose instance admin has an account, which an operator may disable: so each role has one of its own."""
    folder = tmp_path_factory.mktemp("described")
    settings = settings_for(STORE.format(folder=folder), folder)
    container = Container(settings=settings)
    core = container.core()
    asyncio.run(_with_admin(core if STORE == "memory://" else Container(settings=settings).core()))
    with serving(build(core, container.tokens(), settings, limiter=container.limiter())) as at:
        yield at


async def _with_admin(core: TaskCore) -> None:
    """What is in memory ends with its core; what is on disk is for the next one, on a loop of its own."""
    if STORE != "memory://":
        await core.store.upgrade()
    await core.users.register(ADMIN, name="Root", password=PASSWORD, is_admin=True)
    for _ in range(JOBS):
        await core.jobs.enqueue("no.such", at=datetime(2999, 1, 1, tzinfo=UTC))
    if STORE != "memory://":
        await core.close()


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_each_answer_is_one_that_the_description_holds(address: str, role: str, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(config(role))
    given = {"ADDRESS": address, "ROLE": role, "ADMIN": ADMIN}
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml"),
            *("run", f"{address}/v1/openapi.json", "--url", address, "--no-color"),
            *("--seed", str(int(SEED) + ROLES.index(role))),
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | {f"ASKING_{name}": each for name, each in given.items()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"Tested: {len(served_in_first())}" in ran.stdout
    followed = re.search(r"API Links: +(\d+) covered", ran.stdout)
    assert followed is not None
    assert role == "nobody" or int(followed[1]) > 0


def served_in_first() -> list[str]:
    """The operations of version 1."""
    return [name for methods in document(OPERATIONS)["paths"].values() for name in methods]
