"""Settings, adapters and core, wired: the one place that knows the injector.

    container = Container(settings=load_settings(flags, os.environ, Path.cwd()).settings)
    async with container.core() as core: ...

Each part is made when it is first asked for, and once: a command line that signs no token never loads a JOSE
library, and makes no secret. Any part can be replaced: `Container(settings=…, clock=fake_clock)`.
"""

from __future__ import annotations

from dependency_injector import containers, providers

from taskcore.connect import HASHERS, STORES, build, resolve
from taskcore.core import TaskCore
from taskcore.identity.ports import PasswordHasher
from taskcore.ports import Store
from taskcore.system import new_token as make_token
from taskcore.system import system_clock, uuid7_ids
from taskcore_app.key_file import signing_secret
from taskcore_app.settings import Settings
from taskcore_app.tokens import AccessTokens

TOKENS = "taskcore.tokens"


def _store(url: str, blocking: bool) -> Store:  # noqa: FBT001  a provider passes it on by position
    store: Store = build(resolve(STORES, url), url, "store", blocking=blocking)
    return store


def _hasher(url: str, blocking: bool) -> PasswordHasher:  # noqa: FBT001  a provider passes it on by position
    hasher: PasswordHasher = build(resolve(HASHERS, url), url, "hasher", blocking=blocking)
    return hasher


def _access_tokens(url: str, secret: bytes) -> AccessTokens:
    tokens: AccessTokens = build(resolve(TOKENS, url), url, "tokens")(secret)
    return tokens


class Container(containers.DeclarativeContainer):
    """`blocking` asks adapters for coroutines that never wait on an event loop, for a door that has none."""

    settings = providers.Dependency(instance_of=Settings)
    blocking = providers.Object(False)  # noqa: FBT003  a value is what an Object provides
    clock = providers.Object(system_clock)
    ids = providers.Singleton(uuid7_ids)
    new_token = providers.Object(make_token)
    secret = providers.Singleton(signing_secret, settings)
    store = providers.Singleton(_store, settings.provided.store, blocking)
    hasher = providers.Singleton(_hasher, settings.provided.hasher, blocking)
    tokens = providers.Singleton(_access_tokens, settings.provided.tokens, secret)
    core = providers.Singleton(
        TaskCore, store=store, hasher=hasher, clock=clock, ids=ids, new_token=new_token
    )
