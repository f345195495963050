"""The command line and a server: how it gets there, who it is there, and what it does when that fails."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from taskcore import blocking
from taskcore_cli.contexts import Contexts
from taskcore_cli.remote.credentials import Session
from taskcore_cli.remote.line import Line
from tests.entry.cli.conftest import ADA, CHEAP, PASSWORD
from tests.entry.cli.twins import Ran, ran
from tests.servers.certificates import certificate_for
from tests.servers.service import served

Run = Callable[..., Ran]
NO_TEAMS = json.dumps({"items": [], "next_cursor": None}).encode()
ADMIN = ("read", "write", "admin")


@attrs.frozen
class Service:
    """One that is served, with Ada and her team in it."""

    url: str
    store: str
    token: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    store = f"sqlite:///{folder.as_posix()}/tasks.db"
    with blocking.open(store, hasher=CHEAP) as core:
        me = core.acting_as(core.users.register(ADA, name="Ada", password=PASSWORD, is_admin=True).id)
        me.teams.create("Platform", key="PLAT")
        _, token = me.tokens.create("for the command", scopes=ADMIN)
    with served(store, folder, hasher=CHEAP) as url:
        yield Service(url, store, token)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, where nothing is set."""
    assert folder.is_dir()

    def command(*words: str, typed: str = "", ends: int = 0) -> Ran:
        done = ran(words, capsys, monkeypatch, typed)
        assert done.code == ends, (words, done)
        return done

    return command


def contexts_file(folder: Path) -> Path:
    return folder / "config" / "taskcore" / "contexts.json"


def kept(folder: Path) -> Any:
    return next(iter(json.loads(contexts_file(folder).read_text())["contexts"].values()))


def changed(folder: Path, **fields: Any) -> None:
    """What the only context says, changed behind the command's back."""
    content = json.loads(contexts_file(folder).read_text())
    next(iter(content["contexts"].values())).update(fields)
    contexts_file(folder).write_text(json.dumps(content))


@contextmanager
def answering(respond: Callable[[BaseHTTPRequestHandler], None], *, tls: Any = None) -> Iterator[str]:
    """A server whose every answer is `respond`'s; its address."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline()
            if self.raw_requestline and self.parse_request():
                respond(self)

        def log_message(self, *_: Any) -> None:
            """Tests are silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reply(to: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    to.send_response(status)
    for name, value in {"Content-Length": str(len(body)), "Connection": "close", **headers}.items():
        to.send_header(name.replace("_", "-"), value)
    to.end_headers()
    to.wfile.write(body)
    to.close_connection = True


def test_a_server_that_is_down_is_unavailable(run: Run) -> None:
    done = run("--server", "http://127.0.0.1:1", "--token", "x", "task", "list", ends=7)

    assert done.err.startswith("taskcore: http://127.0.0.1:1 does not answer: ")
    assert done.err.count("\n") == 1


def test_a_wrong_token_is_nobodys(run: Run, service: Service) -> None:
    for token in ("nonsense", "tca_" + "0" * 56):
        done = run("--server", service.url, "--token", token, "task", "list", ends=4)
        assert token not in done.err


def test_without_a_token_nobody_is_signed_in(run: Run, service: Service) -> None:
    assert "taskcore login" in run("--server", service.url, "task", "list", ends=4).err


def test_a_command_says_what_the_last_one_wrote(run: Run, folder: Path) -> None:
    asked: list[tuple[str, str | None]] = []

    def respond(to: BaseHTTPRequestHandler) -> None:
        to.rfile.read(int(to.headers.get("Content-Length", "0")))
        asked.append((to.command, to.headers.get("Consistency-Token")))
        if to.command == "GET":
            reply(to, 200, NO_TEAMS)
        else:
            reply(to, 201, b"{}", Consistency_Token=f"token-{len(asked)}")

    with answering(respond) as url:
        run("context", "add", "there", "--server", url, "--token", "-", typed="secret\n")
        run("context", "use", "there")
        run("team", "list")
        run("api", "POST", "/v1/teams", "--data", "{}")
        run("team", "list")
        (folder / "config" / "taskcore" / "last-writes.json").write_text("{")
        run("team", "list")

    assert asked[:2] == [("GET", None), ("POST", None)]
    assert asked[-2:] == [("GET", "token-2"), ("GET", None)]


def test_a_certificate_that_nobody_vouches_for_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for("127.0.0.1", tmp_path)
    asked: list[str] = []

    def respond(to: BaseHTTPRequestHandler) -> None:
        asked.append(to.path)
        reply(to, 200, NO_TEAMS)

    with answering(respond, tls=certificate.server_context()) as url:
        words = ("--server", url, "--token", "secret", "team", "list", "--json")
        assert "CERTIFICATE_VERIFY_FAILED" in run(*words, ends=7).err
        assert asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.ca_file))
        assert json.loads(run(*words).out)["items"] == []


def test_a_server_that_sends_elsewhere_is_not_followed(run: Run) -> None:
    asked: list[str] = []

    def respond(to: BaseHTTPRequestHandler) -> None:
        asked.append(to.path)
        reply(to, 307, b"", Location="http://127.0.0.1:1/v1/teams")

    with answering(respond) as url:
        done = run("--server", url, "--token", "secret", "team", "list", ends=7)

    assert "http://127.0.0.1:1/v1/teams" in done.err
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"<h1>Not here</h1>"), (200, b"<h1>Welcome</h1>"), (200, b'{"items": [{}], "next_cursor": null}')],
)
def test_a_server_of_another_kind_is_told_as_such(status: int, body: bytes, run: Run) -> None:
    with answering(lambda to: reply(to, status, body)) as url:
        done = run("--server", url, "--token", "x", "team", "list", ends=7)

    assert "taskcore" in done.err


def test_a_busy_server_is_asked_again_for_as_long_as_it_asks(run: Run) -> None:
    answers = [503, 429]

    def respond(to: BaseHTTPRequestHandler) -> None:
        if answers:
            reply(to, answers.pop(), b'{"code": "busy", "detail": "busy"}', Retry_After="0")
        else:
            reply(to, 200, NO_TEAMS)

    with answering(respond) as url:
        run("--server", url, "--token", "x", "team", "list")

    assert answers == []


def test_one_who_may_come_again_much_later_is_told_so(run: Run) -> None:
    body = b'{"code": "rate_limited", "detail": "too many requests: wait 60 s"}'
    with answering(lambda to: reply(to, 429, body, Retry_After="60")) as url:
        done = run("--server", url, "--token", "x", "team", "list", ends=7)

    assert "wait 60 s" in done.err


def test_a_change_whose_answer_is_lost_is_sent_again_and_done_once(run: Run, service: Service) -> None:
    lost: list[str] = []

    def respond(to: BaseHTTPRequestHandler) -> None:
        body = to.rfile.read(int(to.headers.get("Content-Length", 0)))
        passed = {
            name: to.headers[name] for name in to.headers if name.lower() not in ("host", "content-length")
        }
        with httpx.Client(trust_env=False, timeout=30) as client:
            answer = client.request(to.command, service.url + to.path, content=body, headers=passed)
        if to.command == "POST" and not lost:
            lost.append(to.path)
            to.close_connection = True
            return
        reply(to, answer.status_code, answer.content)

    with answering(respond) as url:
        shown = json.loads(
            run("--server", url, "--token", service.token, "task", "add", "Only once", "--json").out
        )
        asked = ("--server", url, "--token", service.token, "ls", "--text", "only once", "--json")
        found = json.loads(run(*asked).out)["items"]

    assert lost == ["/v1/tasks"]
    assert [each["id"] for each in found] == [shown["id"]]


def test_the_environment_says_where_and_who(
    run: Run, service: Service, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKCORE_SERVER", f"{service.url}/")
    monkeypatch.setenv("TASKCORE_TOKEN", service.token)
    listed = {each["name"]: each for each in json.loads(run("config", "--json").out)["items"]}

    assert json.loads(run("me", "show", "--json").out)["email"] == ADA
    assert (listed["server"]["value"], listed["token"]["value"]) == (service.url, "***")
    assert service.token not in run("config").out
    assert "name a store with --store" in run("user", "list", ends=2).err
    run("--store", f"sqlite:///{folder}/own.db", "user", "list")
    assert "nobody can act" in run("--store", f"sqlite:///{folder}/own.db", "team", "list", ends=4).err


@pytest.mark.parametrize(
    ("file", "text"), [(".env", "TASKCORE_SERVER={}"), ("taskcore.toml", 'server = "{}"')]
)
def test_a_file_that_lies_around_gets_no_token(
    run: Run, service: Service, folder: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str
) -> None:
    """Whoever wrote the folder's files does not say where one's own token goes."""
    (folder / file).write_text(text.format(service.url))
    monkeypatch.setenv("TASKCORE_TOKEN", service.token)

    assert "name it with --server" in run("team", "list", ends=2).err
    assert run("--server", service.url, "team", "list", "-q").out.strip()


def test_a_place_is_said_once(run: Run, service: Service) -> None:
    assert "--store and --server" in run("--store", "memory://", "--server", service.url, "ls", ends=2).err
    assert "--server" in run("--server", "nonsense", "ls", ends=2).err
    assert "--server" in run("--token", "x", "--store", "memory://", "ls", ends=2).err
    run("--context", "nowhere", "ls", ends=3)


def test_contexts_are_servers_by_name(run: Run, service: Service, folder: Path) -> None:
    run("context", "add", "work", "--server", service.url, "--token", "-", typed=f"{service.token}\n")
    run("context", "add", "home", "--server", "https://tasks.example.org")
    listed = json.loads(run("context", "list", "--json").out)["items"]

    assert [(each["name"], each["signed_in"], each["in_use"]) for each in listed] == [
        ("home", None, False),
        ("work", "by a token", True),
    ]
    assert service.token not in run("context", "list").out
    assert stat.S_IMODE(contexts_file(folder).stat().st_mode) == 0o600
    assert json.loads(run("me", "show", "--json").out)["email"] == ADA
    assert json.loads(run("--context", "work", "me", "show", "--json").out)["email"] == ADA
    run("context", "use", "home")
    run("ls", ends=4)
    run("context", "use", "none")
    assert "nobody can act" in run("ls", ends=4).err
    run("context", "rm", "home")
    run("context", "use", "home", ends=3)
    run("context", "add", "bad", "--server", "ftp://x", ends=2)


def test_who_signs_in_works_there_until_they_sign_out(run: Run, service: Service, folder: Path) -> None:
    run("login", ADA, "--server", service.url, "--password-stdin", typed="wrong password\n", ends=4)
    assert not contexts_file(folder).exists()
    shown = json.loads(
        run("login", ADA, "--server", service.url, "--password-stdin", "--json", typed=f"{PASSWORD}\n").out
    )
    mine = json.loads(run("me", "sessions", "--json").out)["items"]
    refresh_token = kept(folder)["refresh_token"]
    printed = run("context", "list").out

    assert shown["email"] == ADA
    assert ADA in printed
    assert refresh_token not in printed
    assert len(mine) == 1
    assert stat.S_IMODE(contexts_file(folder).stat().st_mode) == 0o600
    run("logout")
    run("ls", ends=4)
    assert refresh_token not in contexts_file(folder).read_text()
    answer = httpx.post(f"{service.url}/v1/auth/refresh", json={"refresh_token": refresh_token}, timeout=30)
    assert answer.status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.parametrize("spent", [{"expires_at": 0}, {"access_token": "one that is good no longer"}])
def test_a_session_is_renewed_as_it_goes(
    spent: dict[str, Any], run: Run, service: Service, folder: Path
) -> None:
    run("login", ADA, "--server", service.url, "--password-stdin", typed=f"{PASSWORD}\n")
    first = kept(folder)["refresh_token"]
    changed(folder, **spent)
    run("ls")

    assert kept(folder)["refresh_token"] != first
    run("ls")


def test_of_many_who_renew_at_once_one_does(run: Run, service: Service, folder: Path) -> None:
    run("login", ADA, "--server", service.url, "--password-stdin", typed=f"{PASSWORD}\n")
    changed(folder, expires_at=0)
    contexts, first = Contexts(contexts_file(folder)), kept(folder)["refresh_token"]
    asked: list[str] = []

    def respond(to: BaseHTTPRequestHandler) -> None:
        body = to.rfile.read(int(to.headers["Content-Length"]))
        asked.append(json.loads(body)["refresh_token"])
        answer = httpx.post(service.url + to.path, content=body, headers={"Content-Type": "application/json"})
        reply(to, answer.status_code, answer.content)

    with answering(respond) as url, Line(url) as line, ThreadPoolExecutor(8) as threads:
        sessions = [Session(line, contexts, contexts.all()[0].name) for _ in range(16)]
        bearers = set(threads.map(Session.bearer, sessions))

    assert asked == [first]
    assert bearers == {kept(folder)["access_token"]}


def test_a_session_that_was_ended_elsewhere_is_over(run: Run, service: Service, folder: Path) -> None:
    run("login", ADA, "--server", service.url, "--password-stdin", typed=f"{PASSWORD}\n")
    with blocking.open(service.store, hasher=CHEAP) as core:
        core.users.log_out(ADA)

    run("ls", ends=4)
    assert kept(folder)["email"] == ADA


def test_a_request_is_sent_as_it_is(run: Run, service: Service) -> None:
    def api(*words: str, typed: str = "", ends: int = 0) -> Ran:
        return run("--server", service.url, "--token", service.token, "api", *words, typed=typed, ends=ends)

    made = json.loads(
        api("post", "/v1/tasks", "--data", "-", typed='{"team_id": "PLAT", "title": "Raw"}').out
    )
    assert made["title"] == "Raw"
    assert json.loads(api("GET", "/v1/tasks?team=PLAT&text=raw").out)["items"] == [made]
    stale = api("PATCH", f"/v1/tasks/{made['id']}", "--data", "{}", "--header", 'If-Match: "7"', ends=5)
    assert json.loads(stale.out)["code"] == "version_conflict"
    assert stale.err.startswith("taskcore: 412: ")
    assert api("DELETE", f"/v1/tasks/{made['key']}").out == ""
    for words, ends in (
        (("GET", "/v1/tasks/PLAT-999"), 3),
        (("POST", "/v1/tasks", "--data", "{"), 2),
        (("GET", "/v1/teams", "--header", "Authorization: Bearer x"), 4),
        (("FETCH", "/v1/teams"), 2),
        (("GET", "v1/teams"), 2),
        (("GET", "/v1/teams", "--header", "nonsense"), 2),
    ):
        api(*words, ends=ends)


def test_a_request_as_it_is_wants_a_server(run: Run) -> None:
    assert "--server" in run("api", "GET", "/v1/me", ends=2).err


def test_what_stands_in_the_file_of_contexts_can_be_told_wrong(run: Run, folder: Path) -> None:
    contexts_file(folder).parent.mkdir(parents=True)
    contexts_file(folder).write_text("nonsense")

    assert "contexts.json" in run("context", "list", ends=2).err
