"""Servers by name, and how one is signed in there: in a file that only its owner can read."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from taskcore.errors import Invalid, NotFound, Unavailable


@attrs.frozen
class Context:
    """A server, and what proves there who one is: an API token, or the tokens of a session."""

    name: str
    server: str
    email: str | None = None
    """Who is signed in."""
    token: str | None = attrs.field(default=None, repr=False)
    refresh_token: str | None = attrs.field(default=None, repr=False)
    access_token: str | None = attrs.field(default=None, repr=False)
    expires_at: float = 0.0
    """When the access token ends, in seconds since 1970."""

    @property
    def signed_out(self) -> Context:
        return attrs.evolve(
            self, email=None, token=None, refresh_token=None, access_token=None, expires_at=0.0
        )


@attrs.frozen
class Contexts:
    """What the file holds; what is changed is written at once."""

    file: Path

    @property
    def current(self) -> str | None:
        """The name of the one that is used where nothing else is said."""
        name: str | None = self._read()["current"]
        return name

    def all(self) -> list[Context]:
        kept = self._read()["contexts"]
        return [Context(name, **kept[name]) for name in sorted(kept)]

    def get(self, name: str) -> Context:
        """Raises: NotFound, which lists those that are there."""
        found = {each.name: each for each in self.all()}
        if name not in found:
            raise NotFound(f"no such context {name}; there are {', '.join(found) or 'none'}")
        return found[name]

    def keep(self, context: Context) -> None:
        """Write one down, in the place of the one of that name."""
        with self._changing() as kept:
            kept["contexts"][context.name] = attrs.asdict(
                context, filter=lambda field, _: field.name != "name"
            )

    def use(self, name: str | None) -> None:
        """Work through this one from now on; None: on the local store. Raises: NotFound."""
        if name is not None:
            self.get(name)
        with self._changing() as kept:
            kept["current"] = name

    def remove(self, name: str) -> None:
        """Forget one. Raises: NotFound."""
        self.get(name)
        with self._changing() as kept:
            kept["contexts"].pop(name, None)
            kept["current"] = None if kept["current"] == name else kept["current"]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Within, no other process renews a session: a refresh token is good once."""
        try:
            import fcntl  # noqa: PLC0415  few commands renew, and Windows has none
        except ModuleNotFoundError:
            yield
            return
        self._make_folder()
        with self.file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            return {"current": kept["current"], "contexts": dict(kept["contexts"])}
        except FileNotFoundError:
            return {"current": None, "contexts": {}}
        except OSError as error:
            raise Unavailable(f"{self.file}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise Invalid(
                f"{self.file} cannot be read: {error}; remove it, and add your contexts anew"
            ) from error

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        kept = self._read()
        yield kept
        self._make_folder()
        draft = self.file.with_name(f".{self.file.name}.{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
                json.dump(kept, opened, indent=2)
            draft.replace(self.file)
        except OSError as error:
            raise Unavailable(f"{self.file}: {error.strerror}") from error
        finally:
            draft.unlink(missing_ok=True)

    def _make_folder(self) -> None:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Unavailable(f"{self.file.parent}: {error.strerror}") from error
