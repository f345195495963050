"""`--idempotency-key`: a run that is repeated under the same key changes nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from inspect import signature
from itertools import chain, count
from typing import Any


class Keyed:
    """
    Somebody's use cases, each change of which goes under a key of its own.

    The first goes under the key that was given, the n-th under that and its number: a run that asks for the
    same in the same order is answered as it was.
    """

    def __init__(self, acting: Any, key: str) -> None:
        self._acting = acting
        self._keys = chain([key], (f"{key} {number}" for number in count(2)))

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._acting, name)
        return value if name == "user_id" else KeyedNoun(value, self._keys)


class KeyedNoun:
    """The verbs of a noun."""

    def __init__(self, noun: Any, keys: Iterator[str]) -> None:
        self._noun = noun
        self._keys = keys

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._noun, verb)
        if "idempotency_key" not in signature(method).parameters:
            return method
        return partial(method, idempotency_key=next(self._keys))
