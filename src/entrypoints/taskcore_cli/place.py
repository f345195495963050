"""Where a command works: on a store in this process, or through a service."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import attrs

from taskcore.errors import Invalid
from taskcore_app.data_folder import config_folder
from taskcore_app.settings import Resolved
from taskcore_cli.contexts import Context, Contexts

FLAG = "flag"
"""The source of what stands before the noun."""


@attrs.frozen
class Place:
    """A service, and as what one is known there."""

    server: str
    token: str | None = attrs.field(default=None, repr=False)
    """What was said to prove who asks."""
    context: Context | None = None
    """Where one may be signed in, if no token was said."""
    said: str = ""
    """What said so."""


def contexts_file() -> Path:
    return config_folder(os.environ, sys.platform) / "contexts.json"


def chosen(resolved: Resolved, asked: str | None, contexts: Contexts) -> Place | None:
    """
    The service to work through; None for the store.

    What was said for this run beats what is set for many: a flag, then the environment and the files; among
    those a server beats a store that the same one names. Last comes the context that `context use` chose.
    Raises: Invalid; NotFound, for a context that is not there.
    """
    settings, sources = resolved.settings, resolved.sources
    flags = [name for name in ("store", "server") if sources[name] == FLAG] + ["context"] * (
        asked is not None
    )
    if len(flags) > 1:
        raise Invalid(f"--{flags[0]} and --{flags[1]} say different places: give one of them")
    token = settings.token if sources["token"] == FLAG else None
    if asked is not None:
        return _by_context(contexts.get(asked), token, "--context")
    if settings.server is not None and _strength(sources["server"]) <= _strength(sources["store"]):
        if settings.token is not None and _strength(sources["server"]) > _strength(sources["token"]):
            raise Invalid(
                f"the token comes from {sources['token']}, but the server from {sources['server']}, which somebody "
                "else may have written: name it with --server, if it is yours"
            )
        place = Place(settings.server, settings.token, said=sources["server"])
        return place if place.token else attrs.evolve(place, context=_known(contexts, settings.server))
    if sources["store"] == "default" and (current := contexts.current) is not None:
        return _by_context(contexts.get(current), token, "context use")
    if token is not None:
        raise Invalid("--token says who asks a server: name it with --server")
    return None


def _by_context(context: Context, token: str | None, said: str) -> Place:
    return Place(context.server, token or context.token, context, f"{said} {context.name}")


def _known(contexts: Contexts, server: str) -> Context | None:
    """A context of that server, the current one first."""
    here = [each for each in contexts.all() if each.server == server]
    return next((each for each in here if each.name == contexts.current), here[0] if here else None)


def _strength(source: str) -> int:
    """How near to this run a setting was made: 0 is nearest."""
    known = {FLAG: 0, "environment": 1, "default": 4}
    return known.get(source, 2 if source.startswith(".env") else 3)
