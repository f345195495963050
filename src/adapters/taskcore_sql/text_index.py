"""
SQLite's index on texts: FTS5 by trigrams, which knows what a text is part of.

It keeps neither texts nor places in them, only which rows have a trigram; the text itself is then looked for in the
rows that have all of its. A team has a trigram of its own, so that a search within one team does not read what
other teams write about. Who changes this changes it in existing files by a migration.
"""

from __future__ import annotations

from uuid import UUID

from taskcore.expression.texts import ENDS, STARTS

TRIGRAM = 3
MOST_TRIGRAMS = 16
"""How many of a text's are asked for: rows that have so many, and not the text, are few."""
_PRIVATE = 0xF0000
"""From here on characters mean nothing to anybody."""


def of_team(team_id: str) -> str:
    """A team's trigram in SQL: three characters made of the last six digits of its id. Of teams that share one,
    a search reads the others' rows too, and does not take them."""
    return f"char({', '.join(_character(team_id, place) for place in (31, 33, 35))})"


def _character(team_id: str, place: int) -> str:
    first, second = (f"unicode(substr({team_id}, {at}, 1))" for at in (place, place + 1))
    return f"{_PRIVATE} + 128 * {first} + {second}"


def _indexed(row: str) -> str:
    """A row's texts as they are indexed: without the marks of words."""
    return f"replace(replace({row}.text, char({ord(STARTS)}), ''), char({ord(ENDS)}), '')"


def _values(row: str) -> str:
    return f"{row}.n, {of_team(f'{row}.team_id')}, {_indexed(row)}"


_ADD = f"INSERT INTO text_index (rowid, team, text) VALUES ({_values('new')})"  # noqa: S608  names of ours
_REMOVE = f"INSERT INTO text_index (text_index, rowid, team, text) VALUES ('delete', {_values('old')})"  # noqa: S608
_FTS5 = "fts5(team, text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1')"
DDL = (
    f"CREATE VIRTUAL TABLE text_index USING {_FTS5}",
    f"CREATE TRIGGER task_texts_added AFTER INSERT ON task_texts BEGIN {_ADD}; END",
    f"CREATE TRIGGER task_texts_changed AFTER UPDATE OF text ON task_texts BEGIN {_REMOVE}; {_ADD}; END",
    f"CREATE TRIGGER task_texts_removed AFTER DELETE ON task_texts BEGIN {_REMOVE}; END",
)


_NO_TEAM = f"'{UUID(int=0)}'"
ANY_TEAM = (
    f"""'(' || coalesce(group_concat('"' || {of_team("team_id")} || '"', ' OR '),"""
    f""" '"' || {of_team(_NO_TEAM)} || '"') || ')'"""
)
"""What FTS5 is asked to find rows of the teams of a table; of a team that is not there, where it is empty."""


def query(text: str) -> str:
    """What FTS5 is asked, besides the teams, to find rows that may have a text of three characters or more."""
    trigrams = list(dict.fromkeys(text[at : at + TRIGRAM] for at in range(len(text) - TRIGRAM + 1)))
    step = -(-len(trigrams) // MOST_TRIGRAMS)
    quoted = (each.replace('"', '""') for each in trigrams[::step])
    return " AND ".join(f'"{each}"' for each in quoted)
