"""What a change that is only tried would do, thing by thing: which field would go from what to what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from taskcore.events import plain
from taskcore.ports import Entity
from taskcore_cli.terminal import printable

MOST_CHARACTERS = 60
_CAPITAL = re.compile(r"\B(?=[A-Z])")
_NAMES = ("title", "name", "email", "body")
_UNTOLD = frozenset({"version", "updated_at", "created_at", "id", "team_id", "blocked", "overdue"})


def noun(thing: Entity) -> str:
    return _CAPITAL.sub(" ", type(thing).__name__).lower()


def told_created(thing: Entity) -> str:
    """A new thing, with all that is not as it would be anyway."""
    fields = (field for field in _told(thing) if field.default is not attrs.NOTHING)
    values = [
        f"{field.name} {_word(value)}"
        for field in fields
        if (value := getattr(thing, field.name)) != _default(field)
    ]
    return f"+ {_called(thing)}" + (f": {', '.join(values)}" if values else "")


def told_changed(before: Entity, after: Entity) -> str:
    """A thing that changes, field by field."""
    changes = [
        f"{name} {_word(old)} → {_word(new)}"
        for field in _told(after)
        for name, old, new in _parts(field.name, getattr(before, field.name), getattr(after, field.name))
        if old != new
    ]
    return f"~ {_called(after)}: {', '.join(changes)}" if changes else ""


def _parts(name: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """A field's values; of a document, those of each of its fields."""
    if not isinstance(old if new is None else new, Mapping):
        yield name, old, new
        return
    before, after = old or {}, new or {}
    for part in dict.fromkeys((*before, *after)):
        yield f"{name}.{part}", before.get(part), after.get(part)


def told_removed(thing: Entity) -> str:
    return f"- {_called(thing)}"


def _told(thing: Entity) -> Iterator[Any]:
    """Its fields, but for what changes with every change and what only a store may know."""
    for field in attrs.fields(type(thing)):
        if field.name not in _UNTOLD and not field.name.endswith("_hash"):
            yield field


def _default(field: Any) -> object:
    default = field.default
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]


def _called(thing: Any) -> str:
    """The noun, and what people know it by."""
    words = [noun(thing)]
    words += [thing.key] if getattr(thing, "key", "") else []
    title = next((found for name in _NAMES if (found := getattr(thing, name, None))), None)
    if title is not None:
        words.append(_word(title))
    elif hasattr(thing, "predecessor_id"):
        words.append(f"{thing.predecessor_id} → {thing.successor_id}")
    elif len(words) == 1:
        words.append(str(getattr(thing, "id", getattr(thing, "user_id", ""))))
    return " ".join(words).rstrip()


def _word(value: object) -> str:
    value = plain(value)
    if value is None or value in ([], ""):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = printable(_text(value))
    text = text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
    return f'"{text}"' if " " in text or not text else text


def _text(value: Any) -> str:
    """JSON values as words."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(each)}" for name, each in value.items() if each not in (None, ""))
    return ", ".join(map(_text, value)) if isinstance(value, list) else str(value)
