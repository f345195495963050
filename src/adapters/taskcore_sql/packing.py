"""Fields that few things have set, in one column: those that are not as a new thing has them, as a JSON object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import attrs

from taskcore.tasks.planning import TaskConstraint
from taskcore.values import ConstraintRule, EstimateKind


class Packed:
    """Fields of one kind of thing that stand one behind the other in it, and have defaults."""

    def __init__(
        self, kind: type[Any], fields: Sequence[str], unpack: Mapping[str, Callable[[Any], Any]]
    ) -> None:
        self.fields = tuple(fields)
        self._unpack = unpack
        self._get = attrgetter(*fields)
        defaults = {field.name: field.default for field in attrs.fields(kind)}
        self._defaults = tuple(defaults[name] for name in fields)

    def packed(self, thing: Any) -> dict[str, Any] | None:
        """Those that are set, by name; None, if none is."""
        values = self._get(thing)
        if values == self._defaults:
            return None
        given = zip(self.fields, values, self._defaults, strict=True)
        return {name: value for name, value, default in given if value != default}

    def unpacked(self, held: Mapping[str, Any] | None) -> Sequence[Any]:
        """Every one of them, in their order, from the JSON of what `packed` gave."""
        if held is None:
            return self._defaults
        return [
            self._unpack.get(name, _same)(held[name]) if name in held else default
            for name, default in zip(self.fields, self._defaults, strict=True)
        ]


def _same(value: Any) -> Any:
    return value


def _constraint(held: Mapping[str, Any]) -> TaskConstraint:
    at = held["at"]
    return TaskConstraint(ConstraintRule(held["rule"]), at if at is None else datetime.fromisoformat(at))


UNPACK: Mapping[str, Callable[[Any], Any]] = {
    "estimate_kind": EstimateKind,
    "candidates": lambda ids: tuple(map(UUID, ids)),
    "required_skills": tuple,
    "planned_for": lambda ids: tuple(map(UUID, ids)),
    "constraints": lambda held: tuple(map(_constraint, held)),
}
"""From JSON to what a field holds, where that is not the same."""
