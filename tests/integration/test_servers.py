"""The servers the suite starts by itself, against their word: up, separate, and gone when we are."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from tests.servers.postgres import Postgres, PostgresFailed, postgres_server

ROOT = Path(__file__).parents[2]
DEATH_SECONDS = 20


async def test_a_server_answers_at_its_url(postgres_server: Postgres) -> None:
    connection = await asyncpg.connect(postgres_server.url())
    version = await connection.fetchval("SHOW server_version_num")
    await connection.close()

    assert int(version) // 10_000 == postgres_server.major_version


async def test_each_test_gets_an_empty_database(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    tables = await connection.fetch("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
    encoding = await connection.fetchval("SHOW server_encoding")
    await connection.close()

    assert tables == []
    assert encoding == "UTF8"


def test_a_database_is_cloned_from_a_template(postgres_server: Postgres) -> None:
    postgres_server.create("mould")
    postgres_server.execute("CREATE TABLE answer AS SELECT 42 AS n", "mould")
    postgres_server.create("cast", template="mould")
    postgres_server.execute("DELETE FROM answer", "mould")

    assert postgres_server.execute("SELECT n FROM answer", "cast") == "42"

    postgres_server.drop("cast")
    postgres_server.drop("mould")


async def test_a_database_is_dropped_while_in_use(postgres_server: Postgres) -> None:
    connection = await asyncpg.connect(postgres_server.create("busy"))

    postgres_server.drop("busy")

    assert postgres_server.execute("SELECT count(*) FROM pg_database WHERE datname = 'busy'") == "0"
    connection.terminate()


def test_a_refused_statement_says_why(postgres_server: Postgres) -> None:
    with pytest.raises(PostgresFailed, match='relation "nowhere" does not exist'):
        postgres_server.execute("SELECT * FROM nowhere")


def test_a_server_is_gone_after_its_block() -> None:
    with postgres_server() as server:
        folder = server.socket_dir

    assert not is_running(server.pid)
    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
@pytest.mark.parametrize(("kind", "folder_of"), [("postgres", "socket_dir"), ("redis", "folder")])
def test_a_server_dies_with_its_parent(kind: str, folder_of: str) -> None:
    program = (
        "import signal\n"
        f"from tests.servers.{kind} import {kind}_server\n"
        f"with {kind}_server() as server:\n"
        f"    print(server.pid, server.{folder_of}, flush=True)\n"
        "    signal.pause()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        pid, folder = parent.stdout.readline().split()
        server = os.pidfd_open(int(pid))
        os.kill(parent.pid, signal.SIGKILL)
    ended, _, _ = select.select([server], [], [], DEATH_SECONDS)
    os.close(server)
    shutil.rmtree(folder)

    assert ended


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
