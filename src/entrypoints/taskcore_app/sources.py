"""The places a setting may come from, read into one list of what was given where."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from taskcore.errors import Fault

PREFIX = "TASKCORE_"
CONFIG = "TASKCORE_CONFIG"
NOT_SETTINGS = frozenset({CONFIG, "TASKCORE_PG_BIN", "TASKCORE_ONLY_EXTRA"})
"""Variables that are read elsewhere: where the TOML file lies, and what only tests know."""
FOR_TESTS = ("TASKCORE_TEST_", "TASKCORE_BENCH_")

MENTION = re.compile(r"\s*(?:export\s+)?TASKCORE_")
ASSIGNMENT = re.compile(r"\s*(?:export\s+)?(?P<key>TASKCORE_\w+)\s*=\s*(?P<value>.*?)\s*")
COMMENT = re.compile(r"(?:^|\s)#.*")
SINGLE_QUOTED = re.compile(r"'([^']*)'\s*(?:#.*)?")
DOUBLE_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?')
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


@attrs.frozen
class Given:
    """One value as a source gave it, with what that source calls the key, and itself."""

    name: str
    value: object
    key: str
    source: str

    def fault(self, reason: str) -> Fault:
        return Fault(self.key, f"{self.source}: {reason}")

    def spelt(self, name: str) -> str:
        """How this source would write the setting called `name`."""
        if self.key.startswith(PREFIX):
            return PREFIX + name.upper()
        return flag(name) if self.key.startswith("--") else name


@attrs.frozen
class Sources:
    """All that was given, the strongest source first, and what could not be read."""

    given: list[Given]
    faults: list[Fault]

    def first(self, name: str) -> Given | None:
        return next((entry for entry in self.given if entry.name == name), None)


def flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def read_sources(
    flags: Mapping[str, str], environ: Mapping[str, str], cwd: Path, names: Collection[str]
) -> Sources:
    """What is given for the settings called `names`; any other key is a fault."""
    faults: list[Fault] = []
    given = [Given(name, value, flag(name), "flag") for name, value in flags.items()]
    given += _from_environment(environ)
    given += _from_dotenv(cwd / ".env", faults)
    given += _from_toml(cwd, next((str(entry.value) for entry in given if entry.key == CONFIG), None), faults)
    strange = [entry for entry in given if entry.name not in names and entry.key not in NOT_SETTINGS]
    faults += [entry.fault(_is_no_setting(entry, names)) for entry in strange]
    return Sources(given, faults)


def _is_no_setting(entry: Given, names: Collection[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  only a mistake pays for it

    meant = get_close_matches(entry.name.lower().replace("-", "_"), names, n=1)
    return "is not a setting" + (f"; did you mean {entry.spelt(meant[0])}?" if meant else "")


def _from_environment(environ: Mapping[str, str]) -> Iterator[Given]:
    for key, value in sorted(environ.items()):
        if key.startswith(PREFIX):
            yield from _variable(key, value, "environment")


def _variable(key: str, value: str, source: str) -> Iterator[Given]:
    """Set but empty counts as not set: it is how compose files leave a variable out."""
    if value and not key.startswith(FOR_TESTS):
        yield Given(key.removeprefix(PREFIX).lower(), value, key, source)


def _from_dotenv(file: Path, faults: list[Fault]) -> list[Given]:
    """Its `TASKCORE_*` lines, the last of a key first. The rest of the file belongs to other programs."""
    lines = (_text_of(file, faults) or "").splitlines() if file.is_file() else []
    given: list[Given] = []
    for number, line in enumerate(lines, start=1):
        if not MENTION.match(line):
            continue
        assignment = ASSIGNMENT.fullmatch(line)
        value = _unquoted(assignment["value"]) if assignment else None
        if assignment is None or value is None:
            faults.append(Fault(".env", f"line {number}: must be {PREFIX}KEY=value, quotes closed"))
        else:
            given += _variable(assignment["key"], value, f".env line {number}")
    return given[::-1]


def _unquoted(raw: str) -> str | None:
    if raw.startswith("'"):
        quoted = SINGLE_QUOTED.fullmatch(raw)
        return quoted[1] if quoted else None
    if raw.startswith('"'):
        quoted = DOUBLE_QUOTED.fullmatch(raw)
        return (
            re.sub(r"\\(.)", lambda escape: ESCAPES.get(escape[1], escape[1]), quoted[1]) if quoted else None
        )
    return COMMENT.sub("", raw).strip()


def _from_toml(cwd: Path, asked: str | None, faults: list[Fault]) -> list[Given]:
    """`taskcore.toml` may be missing; a file that was asked for may not."""
    file = cwd / (asked or "taskcore.toml")
    content = _text_of(file, faults) if asked or file.is_file() else None
    table = {} if content is None else _toml_table(content, file.name, faults)
    return [Given(key, value, key, file.name) for key, value in table.items()]


def _toml_table(content: str, source: str, faults: list[Fault]) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415  most starts read no TOML file

    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault(source, f"is not TOML: {error}"))
        return {}


def _text_of(file: Path, faults: list[Fault]) -> str | None:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        faults.append(Fault(file.name, f"cannot be read: {error.strerror}"))
    except UnicodeDecodeError:
        faults.append(Fault(file.name, "must be UTF-8"))
    return None
