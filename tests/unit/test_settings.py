"""Settings: which source wins, what is told when something is wrong, and what is never shown."""

from __future__ import annotations

import base64
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskcore.errors import Invalid
from taskcore_app.data_folder import data_folder
from taskcore_app.masking import shown
from taskcore_app.secret import ADVICE, weakness
from taskcore_app.settings import ABOUT, Resolved, Settings, load_settings

GOOD_SECRET = "pEq9Zx0bVn3KfT7hWm2RjYc5LsDu8GaQ"
ORIGINS = "origins such as https://app.example.org, without a path, or * alone"
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "settings.md"


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    return tmp_path


def load(cwd: Path, flags: dict[str, str] | None = None, **environ: str) -> Resolved:
    return load_settings(flags or {}, {"HOME": "/home/ada", **environ}, cwd)


def faults(cwd: Path, flags: dict[str, str] | None = None, **environ: str) -> list[str]:
    with pytest.raises(Invalid) as refused:
        load(cwd, flags, **environ)
    return [str(fault) for fault in refused.value.faults]


SOURCES = ["flag", "environment", ".env line 2", "taskcore.toml", "default"]


@pytest.mark.parametrize("strongest", range(5), ids=SOURCES)
def test_the_strongest_source_wins(cwd: Path, strongest: int) -> None:
    flags = {"port": "1"} if strongest == 0 else {}
    environ = {"TASKCORE_PORT": "2"} if strongest <= 1 else {}
    if strongest <= 2:
        (cwd / ".env").write_text("# ours\nTASKCORE_PORT=3\n")
    if strongest <= 3:
        (cwd / "taskcore.toml").write_text("port = 4\n")
    resolved = load(cwd, flags, **environ)

    assert resolved.settings.port == [1, 2, 3, 4, 8000][strongest]
    assert resolved.sources["port"] == SOURCES[strongest]


def test_without_anything_given_all_is_default(cwd: Path) -> None:
    resolved = load(cwd)

    assert set(resolved.sources.values()) == {"default"}
    assert resolved.settings == Settings(
        store="sqlite:////home/ada/.local/share/taskcore/taskcore.db",
        secret_file="/home/ada/.local/share/taskcore/secret.key",
        blobs="file:///home/ada/.local/share/taskcore/blobs",
    )


def test_an_odd_home_is_quoted_where_it_stands_in_a_url(cwd: Path) -> None:
    resolved = load(cwd, XDG_DATA_HOME="/data/50% #1?").settings

    assert resolved.store == "sqlite:////data/50%25 %231%3F/taskcore/taskcore.db"
    assert resolved.secret_file == "/data/50% #1?/taskcore/secret.key"


def test_all_faults_are_told_at_once_with_key_source_reason_and_remedy(cwd: Path) -> None:
    (cwd / ".env").write_text("OTHER=1\nTASKCORE_SIGNUP=maybe\nTASKCORE_LOG_LEVEL='info\n")
    (cwd / "taskcore.toml").write_text(
        'workers = true\ncors_origins = ["https://a.example/path"]\nport_ = 1\n'
    )

    environ = {"TASKCORE_STORE": "postgresql://ada@db/tasks", "TASKCORE_BODYLIMIT": "5"}
    with pytest.raises(Invalid) as refused:
        load_settings({"port": "99999"}, environ, cwd, signs=True)
    told = [str(fault) for fault in refused.value.faults]

    assert told == [
        ".env: line 3: must be TASKCORE_KEY=value, quotes closed",
        "TASKCORE_BODYLIMIT: environment: is not a setting; did you mean TASKCORE_BODY_LIMIT?",
        "port_: taskcore.toml: is not a setting; did you mean port?",
        "TASKCORE_SIGNUP: .env line 2: must be one of open, invited, closed, not 'maybe'",
        "--port: flag: must be a whole number from 0 to 65535, not '99999'",
        "workers: taskcore.toml: must be a whole number from 1 to 256, not True",
        f"cors_origins: taskcore.toml: must be {ORIGINS}, not ['https://a.example/path']",
        f"TASKCORE_SECRET: not set: required to serve this store, which servers share; {ADVICE}",
    ]


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("port", "-1", "65535"),
        ("port", "80.0", "0"),
        ("port", "\uff18", "80"),
        ("workers", "0", "256"),
        ("body_limit", "1023", "1024"),
        ("signup", "OPEN", "closed"),
        ("log_level", "trace", "debug"),
        ("log_format", "xml", "json"),
        ("host", "http://x", "::1"),
        ("host", "a b", "ada-s.example.org"),
        ("store", "tasks.db", "sqlite:///tasks.db"),
        ("store", "SQLITE:///x", "memory://"),
        ("store", "sqlite:///a\nb", "sqlite:///a b"),
        ("hasher", "argon2", "argon2://?m=8"),
        ("tokens", "HS256", "jwt://?alg=Ed25519"),
        ("secret", "short", GOOD_SECRET),
        ("secret_file", "a\nb", "a b"),
        ("cors_origins", "app.example.org", "https://app.example.org, http://localhost:3000"),
        ("cors_origins", "https://app.example.org/", "*"),
        ("cors_origins", "*,https://app.example.org", "https://app.example.org"),
    ],
)
def test_a_wrong_value_is_refused_and_a_right_one_taken(cwd: Path, name: str, wrong: str, right: str) -> None:
    told = faults(cwd, {name: wrong})
    taken = load(cwd, {name: right})

    assert [line.split(":")[0] for line in told] == ["--" + name.replace("_", "-")]
    assert taken.sources[name] == "flag"


def test_origins_are_separated_by_commas_or_a_list(cwd: Path) -> None:
    (cwd / "taskcore.toml").write_text('cors_origins = ["https://a.example", "https://b.example"]')
    from_toml = load(cwd).settings
    from_flag = load(cwd, {"cors_origins": "https://a.example,https://b.example"}).settings

    assert from_toml.cors_origins == from_flag.cors_origins == ("https://a.example", "https://b.example")


def test_a_variable_that_is_set_but_empty_is_not_set(cwd: Path) -> None:
    (cwd / ".env").write_text("TASKCORE_PORT=9000\nTASKCORE_HOST=\n")

    assert load(cwd, TASKCORE_PORT="").settings.port == 9000


@pytest.mark.parametrize(
    "line",
    [
        "TASKCORE_STORE=sqlite:///a#b.db",
        "  export TASKCORE_STORE = sqlite:///a#b.db  # ours",
        "TASKCORE_STORE='sqlite:///a#b.db'",
        'TASKCORE_STORE="sqlite:///a#b.db" # ours',
        r'TASKCORE_STORE="sqlite:///a\#b.db"',
        "TASKCORE_STORE=memory://\nTASKCORE_STORE=sqlite:///a#b.db",
        "\ufeffTASKCORE_STORE=sqlite:///a#b.db\r",
    ],
)
def test_a_line_of_dotenv_is_read_as_shells_read_it(cwd: Path, line: str) -> None:
    (cwd / ".env").write_text(line + "\n", encoding="utf-8")

    assert load(cwd).settings.store == "sqlite:///a#b.db"


@pytest.mark.parametrize(
    "line", ["TASKCORE_PORT", "TASKCORE_PORT: 1", "TASKCORE_PORT='1", 'TASKCORE_PORT="1" 2']
)
def test_a_line_of_dotenv_that_cannot_be_read_is_told_with_its_number(cwd: Path, line: str) -> None:
    (cwd / ".env").write_text(f"\n{line}\n")

    assert faults(cwd) == [".env: line 2: must be TASKCORE_KEY=value, quotes closed"]


def test_the_rest_of_dotenv_is_not_ours_to_judge(cwd: Path) -> None:
    (cwd / ".env").write_text('POSTGRES_USER="open\nsome thing\nPORT=x\n#TASKCORE_PORT=y\n')

    assert load(cwd).sources["port"] == "default"


def test_a_folder_called_dotenv_is_somebody_s_virtual_environment(cwd: Path) -> None:
    (cwd / ".env").mkdir()

    assert load(cwd).sources["port"] == "default"


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_quoted_value_of_dotenv_is_kept_to_the_letter(cwd: Path, text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    (cwd / ".env").write_text(f'TASKCORE_STORE="sqlite:///{quoted}"\n', encoding="utf-8")

    assert load(cwd).settings.store == f"sqlite:///{text}"


def test_a_toml_file_elsewhere_is_named_by_a_variable(cwd: Path) -> None:
    (cwd / "here.toml").write_text("port = 1")
    (cwd / "taskcore.toml").write_text("port = 2")
    (cwd / ".env").write_text("TASKCORE_CONFIG=here.toml")
    resolved = load(cwd)

    assert (resolved.settings.port, resolved.sources["port"]) == (1, "here.toml")


def test_a_toml_file_that_is_asked_for_must_be_there(cwd: Path) -> None:
    assert faults(cwd, TASKCORE_CONFIG="gone.toml") == [
        "gone.toml: cannot be read: No such file or directory"
    ]


def test_a_toml_file_must_be_toml(cwd: Path) -> None:
    (cwd / "taskcore.toml").write_text("port = ")

    assert faults(cwd, {"workers": "x"})[0].startswith("taskcore.toml: is not TOML: Invalid value (at ")
    assert len(faults(cwd, {"workers": "x"})) == 2


def test_a_toml_file_must_be_utf_8(cwd: Path) -> None:
    (cwd / "taskcore.toml").write_bytes(b"# caf\xe9")

    assert faults(cwd) == ["taskcore.toml: must be UTF-8"]


def test_what_tests_and_this_loader_read_is_no_unknown_setting(cwd: Path) -> None:
    load(cwd, TASKCORE_PG_BIN="/usr/lib/postgresql/15/bin", TASKCORE_TEST_ROUNDS="3", NOT_TASKCORE_X="1")


def test_a_flag_or_toml_key_cannot_pass_for_such_a_variable(cwd: Path) -> None:
    (cwd / "taskcore.toml").write_text('config = "x"\nTASKCORE_PORT = 1')

    assert [line.split(":")[0] for line in faults(cwd, {"pg_bin": "x"})] == [
        "--pg-bin",
        "config",
        "TASKCORE_PORT",
    ]


@pytest.mark.parametrize("store", ["sqlite:///tasks.db", "memory://"])
def test_an_embedded_store_needs_no_secret(cwd: Path, store: str) -> None:
    assert load(cwd, TASKCORE_STORE=store).settings.secret is None


@pytest.mark.parametrize("key", ["TASKCORE_SECRET", "TASKCORE_SECRET_FILE"])
def test_to_serve_a_shared_store_takes_a_secret_or_its_file(cwd: Path, key: str) -> None:
    environ = {"HOME": "/home/ada", "TASKCORE_STORE": "postgresql://db/tasks"}

    load_settings({}, environ | {key: GOOD_SECRET}, cwd, signs=True)
    with pytest.raises(Invalid, match="TASKCORE_SECRET: not set: required to serve"):
        load_settings({}, environ, cwd, signs=True)


def test_whoever_signs_nothing_needs_no_secret(cwd: Path) -> None:
    assert load(cwd, TASKCORE_STORE="postgresql://db/tasks").settings.secret is None


def test_the_folder_of_the_default_store_is_made_and_no_other(cwd: Path) -> None:
    environ = {"HOME": str(cwd), "XDG_DATA_HOME": str(cwd / "data")}
    named = load_settings({"store": f"sqlite:///{cwd.as_posix()}/typo/x.db"}, environ, cwd)
    named.make_data_folder(environ)
    made_for_the_named = list(cwd.iterdir())
    load_settings({}, environ, cwd).make_data_folder(environ)

    assert made_for_the_named == []
    assert data_folder(environ, sys.platform).is_dir()


def test_a_shared_store_needs_passwords_as_dear_as_promised(cwd: Path) -> None:
    def told(hasher: str) -> list[str]:
        return faults(
            cwd, TASKCORE_STORE="postgresql://db/x", TASKCORE_SECRET=GOOD_SECRET, TASKCORE_HASHER=hasher
        )

    assert told("argon2://?m=19455") == told("argon2://?t=1") == told("argon2://?m=8&t=1&p=1")
    assert load(cwd, TASKCORE_HASHER="argon2://?m=8&t=1&p=1").settings.hasher == "argon2://?m=8&t=1&p=1"


def test_a_store_in_one_process_takes_one_worker(cwd: Path) -> None:
    assert faults(cwd, {"store": "memory://", "workers": "2"}) == [
        "--workers: flag: must be 1 with memory://, which lives in one process"
    ]


def test_a_fault_in_the_store_hides_no_other_and_makes_up_none(cwd: Path) -> None:
    assert [line.split(":")[0] for line in faults(cwd, {"store": "x", "workers": "2", "port": "x"})] == [
        "--store",
        "--port",
    ]


WEAK = {
    "short": "x" * 31,
    "one character": "x" * 64,
    "bytes that are no text": f"{GOOD_SECRET}\udcff",
    "two lines": f"{GOOD_SECRET}\n{GOOD_SECRET[::-1]}",
    "a word repeated": "correcthorse" * 4,
    "a secret repeated": "k3Jx9QzL" * 4,
    "two characters": "01" * 32,
    "an alphabet": "abcdefghijklmnopqrstuvwxyz012345",
    "digits": "0123456789" * 5,
    "counted down": "zyxwvutsrqponmlkjihgfedcba9876543210",
    "a placeholder": "please-change-me-before-you-deploy-9f3",
    "the word itself": "my-Secret-for-the-staging-cluster-42",
}


@pytest.mark.parametrize("secret", WEAK.values(), ids=WEAK.keys())
def test_a_guessable_secret_is_refused(secret: str) -> None:
    assert weakness(secret)


def test_random_secrets_are_strong() -> None:
    """As `token_hex(16)`, `token_urlsafe(32)` and `openssl rand -base64 32` write them."""

    def secrets() -> Iterator[str]:
        for seed in range(1_000):
            data = random.Random(seed).randbytes(32)  # noqa: S311  the same each run
            yield from (data[:16].hex(), data.hex(), base64.b64encode(data).decode())

    assert [secret for secret in secrets() if weakness(secret)] == []


URLS = ["postgresql://ada:{}@db/tasks", "redis://:{}@h:6379/0", "postgresql://db/t?password={}&x=1"]


@given(
    st.sampled_from(URLS),
    st.text(st.characters(exclude_characters="&;#", exclude_categories=["Cs"]), min_size=4),
)
def test_a_password_in_a_url_is_never_shown(url: str, password: str) -> None:
    password = f"hunter2{password}"
    nested = f"postgresql://eve:{quote(password, safe='')}@db/tasks?replica=" + url.format(
        quote(password, safe="")
    )

    assert "hunter2" not in shown(url.format(password.replace("://", "")))
    assert "hunter2" not in shown(nested)
    assert "hunter2" not in shown("sqlite:///x?replica=" + quote(nested, safe=""))


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("postgresql://ada:pw@db:5432/tasks?ssl=true", "postgresql://***@db:5432/tasks?ssl=true"),
        ("postgresql://ada:p@w/x@db/tasks", "postgresql://***@db/tasks"),
        (
            "postgresql://a:b@h/t?replica=postgresql://c:d@r/t",
            "postgresql://***@r/t",
        ),
        ("sqlite:////home/ada/tasks.db", "sqlite:////home/ada/tasks.db"),
        ("argon2://?m=19456&t=2", "argon2://?m=19456&t=2"),
        (("https://a.example", "https://b.example"), "https://a.example,https://b.example"),
        (8000, "8000"),
    ],
)
def test_what_is_no_secret_is_shown(value: object, seen: str) -> None:
    assert shown(value) == seen


def test_secrets_are_neither_listed_nor_in_the_repr(cwd: Path) -> None:
    resolved = load(cwd, TASKCORE_SECRET=GOOD_SECRET, TASKCORE_STORE="postgresql://ada:hunter2@db/tasks")
    listed = {line.name: line for line in resolved.listed()}

    assert (listed["secret"].value, listed["secret"].source) == ("***", "environment")
    assert listed["store"].value == "postgresql://***@db/tasks"
    assert list(listed) == list(ABOUT)
    assert GOOD_SECRET not in repr(resolved)
    assert "hunter2" not in repr(resolved)


def test_a_secret_that_is_not_set_is_listed_as_such(cwd: Path) -> None:
    assert {line.name: line.value for line in load(cwd).listed()}["secret"] == ""


@pytest.mark.parametrize(
    "name", [name for name, about in ABOUT.items() if about.is_secret or name.endswith("store")]
)
def test_a_refused_value_that_may_hold_a_secret_is_not_echoed(cwd: Path, name: str) -> None:
    assert "hunter2" not in "".join(faults(cwd, {name: "postgres//ada:hunter2@db"}))


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {"HOME": "/home/ada"}, "/home/ada/.local/share/taskcore"),
        ("linux", {"HOME": "/home/ada", "XDG_DATA_HOME": "/data"}, "/data/taskcore"),
        ("linux", {"HOME": "/home/ada", "XDG_DATA_HOME": "data"}, "/home/ada/.local/share/taskcore"),
        ("darwin", {"HOME": "/Users/ada"}, "/Users/ada/Library/Application Support/taskcore"),
        ("win32", {"LOCALAPPDATA": "C:/Users/ada/AppData/Local"}, "C:/Users/ada/AppData/Local/taskcore"),
        ("win32", {"USERPROFILE": "C:/Users/ada"}, "C:/Users/ada/AppData/Local/taskcore"),
    ],
)
def test_the_data_folder_is_where_the_system_wants_it(
    platform: str, environ: dict[str, str], folder: str
) -> None:
    assert data_folder(environ, platform).as_posix() == folder


def test_without_a_home_in_the_environment_the_system_is_asked() -> None:
    assert data_folder({}, "linux").is_relative_to(Path.home())


def test_the_guide_s_table_is_what_the_code_says() -> None:
    """`docs/guides/settings.md` cannot drift: this is its table."""
    rows = [
        f"| `{name}` | {default_in_guide(name)} | {about.purpose}{' *(secret)*' if about.is_secret else ''} |"
        for name, about in ABOUT.items()
    ]
    table = [
        line for line in GUIDE.read_text(encoding="utf-8").splitlines() if re.match(r"\| `[a-z_]+` \|", line)
    ]

    assert table == rows


def default_in_guide(name: str) -> str:
    default = attrs.fields_dict(Settings)[name].default
    if (kept := ABOUT[name].in_data_folder) is not None:
        return f"`{kept.format('DATA')}`"
    return f"`{shown(default)}`" if default not in (None, ()) else "none"
