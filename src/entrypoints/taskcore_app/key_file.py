"""The secret of one machine that was given none: made on first start, kept in a file only its owner can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from taskcore.errors import Unavailable, invalid
from taskcore_app.secret import ADVICE, LEAST_BYTES, weakness
from taskcore_app.settings import Settings


def signing_secrets(settings: Settings) -> tuple[bytes, ...]:
    """
    The secret that was given, else those in the key file; on `memory://` one that ends with the process.

    The first signs. What any of them signed is good, so that a secret can be changed while it is in use.
    """
    before = [settings.secret_previous] if settings.secret_previous is not None else []
    if settings.secret is not None:
        return tuple(secret.encode() for secret in (settings.secret, *before))
    if settings.store.startswith("memory://"):
        return (secrets.token_bytes(LEAST_BYTES),)
    kept = kept_secrets(Path(settings.secret_file), may_make=settings.is_embedded)
    return tuple(secret.encode() for secret in (*kept, *before))


def kept_secrets(file: Path, *, may_make: bool) -> list[str]:
    """The secrets in `file`, a line each, which `may_make` it. Processes that start together end with the
    same ones."""
    try:
        if may_make and not file.exists():
            _make(file)
        kept = file.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"no secret in {file}: {error}; TASKCORE_SECRET can give one instead") from error
    for secret in kept or [""]:
        why = weakness(secret)
        if why:
            raise invalid(str(file), f"the secret in it {why}; {ADVICE}")
    return kept


def _make(file: Path) -> None:
    """Written whole under another name, then linked: nobody reads half of it, and the first one stays."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(secrets.token_urlsafe(LEAST_BYTES) + "\n")
        _link(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _link(draft: Path, file: Path) -> None:
    try:
        os.link(draft, file)
    except FileExistsError:
        return  # another process was faster: its secret is the one
