r"""
From the text of `q=` to what it says.

```
expression = either ;
either     = both , { "or" , both } ;
both       = negated , { [ "and" ] , negated } ;
negated    = ( "not" | "-" ) , negated | "(" , either , ")" | term ;
term       = field , ":" , value , { "," , value }        (* any of the values *)
           | date , ( ":" | "<" | "<=" | ">" | ">=" ) , moment
           | date , ":" , ( moment , { "," , moment } | "none" )
           | "is:" , ( "overdue" | "blocked" )
           | value ;                                      (* a part of title, description or comment *)
field      = "team" | "project" | "status" | "priority" | "assignee" | "created_by" | "label"
           | "parent" | "follower" | "overdue" | "blocked" | "text" ;
date       = "due" | "created" | "updated" | "completed" ;
moment     = day | instant | "now" , [ shift ] | ( "today" | "tomorrow" | "yesterday" ) , [ shift ] ;
day        = "2026-12-01" ;                               (* ISO 8601 *)
instant    = "2026-12-01T09:00:00Z" ;                     (* RFC 3339, with its zone *)
shift      = ( "+" | "-" ) , digit , { digit } , ( "m" | "h" | "d" | "w" ) ;
value      = '"' , { character | "\" , character } , '"' | word ;
```

A word ends at white space, a parenthesis or a quote (a value at a comma, too); `\` takes the next character
as it is. White space stands between terms, and nowhere within one. Keywords, fields, statuses, priorities and
units are the same in any case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from taskcore.errors import Fault, Malformed
from taskcore.expression.terms import DATES, UNITS, Both, Compared, Either, Moment, Node, Not, Term
from taskcore.expression.values import READERS, Reader, bound

MAX_CHARACTERS = 2000
MAX_DEPTH = 32
"""Parentheses and negations within each other."""
MAX_TERMS = 100
STATES = ("overdue", "blocked")
NAMES = (*READERS, *DATES, "is")
_BESIDE = frozenset({"deleted", "sort", "limit", "cursor", "q"})
_ANY_CASE = frozenset({"status", "priority", "overdue", "blocked", "is"})
_CONSTANTS = frozenset({"me", "none"})
_NAMING = frozenset({"team", "label", "text"})
"""Fields in which `me` and `none` are names like any other."""

_SPACE = re.compile(r"\s*")
_HEAD = re.compile(r"([A-Za-z][A-Za-z_-]*)(!=|<=|>=|==?|[:<>])")
_KEYWORD = re.compile(r"(and|or|not)(?=[\s()\"]|$)", re.IGNORECASE)
_TEXT = re.compile(r"(?:\\.|[^\s()\"\\:<>=])+", re.DOTALL)
_VALUE = re.compile(r"(?:\\.|[^\s()\",\\])+", re.DOTALL)
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_RELATIVE = re.compile(r"(now|today|tomorrow|yesterday)(?:([+-])([0-9]{1,5})([mhdw]))?", re.IGNORECASE)
_SPAN = re.compile(r"[0-9]+[mhdw]", re.IGNORECASE)
_DAYS = {"today": 0, "tomorrow": 1, "yesterday": -1}
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def unreadable(reason: str, column: int, more: str = "") -> Malformed:
    """The refusal of an expression, with the place (from 1) of what is wrong."""
    return Malformed(faults=[Fault("q", f"{reason} at column {column}{more}")], column=column)


@lru_cache(maxsize=512)
def parsed(text: str) -> Node:
    """What an expression says. Raises: Malformed, with the column."""
    return parsed_by(text, MappingProxyType({}))


def parsed_by(text: str, readers: Mapping[str, Reader]) -> Node:
    """The same with the values of some fields read otherwise: by a door that has names of its own for
    people and projects. Raises: Malformed; what these readers do, but for ValueError."""
    if len(text) > MAX_CHARACTERS:
        raise unreadable(f"longer than {MAX_CHARACTERS} characters:", MAX_CHARACTERS + 1)
    if bad := _NO_TEXT.search(text):
        raise unreadable("a character that no text can have", bad.start() + 1)
    return _Reading(text, {**READERS, **readers}).whole()


class _Reading:
    """One text, and how far it is read."""

    def __init__(self, text: str, readers: Mapping[str, Reader]) -> None:
        self._text = text
        self._readers = readers
        self._at = 0
        self._depth = 0
        self._terms = 0
        self._bare_moment = -1
        """Where a moment without a shift ended."""

    def whole(self) -> Node:
        self._skip()
        if not self._left():
            raise unreadable("says nothing:", 1, "; leave it out to select all")
        node = self._either()
        if self._left():
            raise unreadable("no parenthesis is open for the )", self._at + 1)
        return node

    def _either(self) -> Node:
        parts = [self._both()]
        while self._keyword("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Node:
        parts = [self._negated()]
        while self._goes_on():
            self._keyword("and")
            parts.append(self._negated())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _goes_on(self) -> bool:
        self._skip()
        after = _KEYWORD.match(self._text, self._at)
        return self._left() and self._text[self._at] != ")" and not (after and after[1].lower() == "or")

    def _negated(self) -> Node:
        self._skip()
        if self._keyword("not"):
            return Not(self._deeper(self._negated))
        start, sign = self._at, self._text[self._at : self._at + 1]
        if sign == "-":
            self._at += 1
            if self._text[self._at : self._at + 1].strip() in ("", ")"):
                raise unreadable("a - stands right before what it excludes, not alone", start + 1)
            return Not(self._deeper(self._negated))
        if sign == "(":
            return self._deeper(self._parenthesised)
        return self._term()

    def _deeper(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise unreadable(f"more than {MAX_DEPTH} parentheses and negations in each other", self._at + 1)
        node = read()
        self._depth -= 1
        return node

    def _parenthesised(self) -> Node:
        start = self._at
        self._at += 1
        node = self._either()
        if not self._left():
            raise unreadable("the parenthesis", start + 1, " is never closed")
        self._at += 1
        return node

    def _term(self) -> Node:
        self._expect_term()
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise unreadable(f"more than {MAX_TERMS} terms", self._at + 1)
        head = _HEAD.match(self._text, self._at)
        if head is None:
            return self._searched()
        column = self._at + 1
        self._at = head.end()
        return self._fielded(head[1].lower().replace("-", "_"), head[2], head[1], column)

    def _expect_term(self) -> None:
        if not self._left():
            raise unreadable("something is missing", self._at + 1)
        if self._text[self._at] == ")":
            raise unreadable("something is missing before the )", self._at + 1)
        if word := _KEYWORD.match(self._text, self._at):
            told = f"{word[1]!r} joins what stands on both its sides; something is missing"
            raise unreadable(told, self._at + 1, f'; to find the word, write "{word[1]}"')

    def _searched(self) -> Term:
        """A text to be found."""
        start = self._at
        if self._text[start] == '"':
            text = self._quoted()
        elif found := _TEXT.match(self._text, start):
            self._at = found.end()
            text = _unescaped(found[0])
            self._refuse_lost_plus(found[0], start)
        else:
            raise self._stray(start)
        self._end_term()
        return Term("text", (self._read("text", text, start + 1),))

    def _refuse_lost_plus(self, word: str, start: int) -> None:
        if _SPAN.fullmatch(word) and self._text[:start].rstrip() == self._text[: self._bare_moment]:
            more = "; write now+7d, and in a URL %2B for the plus; to find the word, quote it"
            raise unreadable(f"{word!r} stands apart from the moment before it", start + 1, more)

    def _fielded(self, field: str, sign: str, spelt: str, column: int) -> Node:
        if field not in NAMES:
            raise _unknown(field, spelt, column)
        if sign in ("=", "==", "!="):
            right = f"{'-' if sign == '!=' else ''}{field}:"
            raise unreadable(f"{sign!r} is no operator", column + len(spelt), f"; write {right}…")
        if field in DATES:
            return self._compared(field, sign)
        if sign != ":":
            told = f"{field} is not compared by {sign}, only dates are"
            raise unreadable(told, column + len(spelt), f"; write {field}:…")
        words = list(self._values(f"{field}:"))
        if field in ("is", *STATES) and len(words) > 1:
            raise unreadable(f"{field} takes one value, not several", words[1][1])
        if field == "is":
            return self._state(*words[0])
        values = (self._read(field, value, place) for value, place in words)
        return Term(field, tuple(dict.fromkeys(values)))

    def _state(self, value: str, column: int) -> Term:
        state = value.lower()
        if state == "deleted":
            raise unreadable("deleted is a parameter of its own, beside q;", column)
        if state not in STATES:
            raise unreadable(f"is: takes {' or '.join(STATES)}, not {value!r},", column)
        return Term(state, (True,))

    def _read(self, field: str, value: str, column: int) -> Any:
        any_case = field in _ANY_CASE or (field not in _NAMING and value.lower() in _CONSTANTS)
        try:
            return self._readers[field](value.lower() if any_case else value)
        except ValueError as error:
            raise unreadable(f"{field} {error},", column) from error

    def _compared(self, field: str, sign: str) -> Node:
        words = list(self._values(f"{field}{sign}"))
        if sign != ":" and len(words) > 1:
            raise unreadable(f"{sign} takes one moment, not several,", words[1][1])
        tests: list[Node] = []
        for value, column in words:
            nothing = sign == ":" and value.lower() == "none"
            tests.append(Compared(field, sign, None if nothing else _moment(field, value, column)))
        if words[-1][0].isalpha():
            self._bare_moment = self._at
        return tests[0] if len(tests) == 1 else Either(tuple(dict.fromkeys(tests)))

    def _values(self, after: str) -> Iterator[tuple[str, int]]:
        """The values from here on, each with its column."""
        while True:
            start = self._at
            if self._text[start : start + 1] == '"':
                value = self._quoted()
            elif found := _VALUE.match(self._text, start):
                self._at = found.end()
                value = _unescaped(found[0])
            else:
                raise unreadable(f"a value is missing after {after}", start + 1)
            yield value, start + 1
            if self._text[self._at : self._at + 1] != ",":
                break
            self._at += 1
            after = "the comma"
        self._end_term()

    def _quoted(self) -> str:
        found = _QUOTED.match(self._text, self._at)
        if found is None:
            raise unreadable("the quote", self._at + 1, " is never closed")
        self._at = found.end()
        return _unescaped(found[1])

    def _end_term(self) -> None:
        following = self._text[self._at : self._at + 1]
        if following.strip() not in ("", "(", ")"):
            raise self._stray(self._at)

    def _stray(self, place: int) -> Malformed:
        character = self._text[place]
        if character == "\\":
            return unreadable("a \\ with nothing after it", place + 1)
        more = '; put the whole in quotes, and write \\" for a quote in it'
        return unreadable(f"{character!r} within a text or right beside one", place + 1, more)

    def _keyword(self, word: str) -> bool:
        """Whether the word stood here; then it is read."""
        self._skip()
        found = _KEYWORD.match(self._text, self._at)
        if found is None or found[1].lower() != word:
            return False
        self._at = found.end()
        return True

    def _left(self) -> bool:
        return self._at < len(self._text)

    def _skip(self) -> None:
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _moment(field: str, value: str, column: int) -> Moment:
    relative = _RELATIVE.fullmatch(value)
    if relative is None:
        try:
            return Moment(bound(value), column=column)
        except ValueError as error:
            more = "; or now, today, tomorrow, yesterday, or such as now+7d"
            raise unreadable(f"{field} {error},", column, more) from error
    word, sign, count, unit = relative.groups()
    shift = UNITS[unit.lower()] * int(f"{sign}{count}") if unit else timedelta()
    if word.lower() == "now":
        return Moment("now", shift, column)
    if shift % UNITS["d"]:
        raise unreadable(f"{word} goes by days and weeks, not {value!r},", column, "; now goes by hours")
    return Moment("today", shift + timedelta(days=_DAYS[word.lower()]), column)


def _unknown(field: str, spelt: str, column: int) -> Malformed:
    from difflib import get_close_matches  # noqa: PLC0415  only a mistake pays for it

    if field in _BESIDE:
        return unreadable(f"{field} is a parameter of its own, beside q;", column)
    date, _, side = field.removesuffix("_at").partition("_")
    if date in DATES and side in ("", "after", "before"):
        right = {"after": f"{date}>=…", "before": f"{date}<…"}.get(side, f"{date}:…")
        return unreadable(f"unknown field {spelt!r}", column, f"; write {right}")
    close = get_close_matches(field, NAMES, 1)
    right = f"did you mean {close[0]}?" if close else f"there are {', '.join(NAMES)}."
    return unreadable(f"unknown field {spelt!r}", column, f"; {right} To find it as text, quote it")
