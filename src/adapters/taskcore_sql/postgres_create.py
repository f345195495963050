"""The creation of a task as one statement, from the rendered schema."""

from __future__ import annotations

from functools import lru_cache

from taskcore_sql.schema import COLUMNS

_CASTS = {
    "uuid": "uuid",
    "instant": "timestamptz",
    "day": "date",
    "int": "integer",
    "str": "text",
    "json": "jsonb",
    "priority": "smallint",
}
_KEY = "(:team_key::text || '-' || counter.last_number)"
_TASK = {"number": "counter.last_number", "key": _KEY}
_EVENT = {
    "seq": "counter.last_seq",
    "data": f"jsonb_set(:event_data::jsonb, '{{task,key}}', to_jsonb({_KEY}))",
}


def _insert(table: str, prefix: str, given: dict[str, str]) -> str:
    kinds = COLUMNS[table]
    values = [given.get(name) or f":{prefix}_{name}::{_CASTS[kind]}" for name, kind in kinds.items()]
    return f"INSERT INTO {table} ({', '.join(kinds)}) SELECT {', '.join(values)} FROM counter"  # noqa: S608


@lru_cache(maxsize=8)
def creation(holds: str, only_team: str) -> str:
    """The statement, for callers whose account and credential must hold as `standing` says."""
    return f"""WITH counter AS (
  UPDATE team_counters SET last_number = last_number + 1, last_seq = last_seq + 1
  WHERE team_id = :task_team_id AND EXISTS (
    SELECT 1 FROM memberships m
    JOIN users u ON u.id = m.user_id AND {holds}
    JOIN teams h ON h.id = m.team_id AND h.deleted_at IS NULL AND h.version = :version
    WHERE m.team_id = :task_team_id AND m.user_id = :user_id AND m.role = :role{only_team})
  RETURNING last_number, last_seq
), task AS (
  {_insert("tasks", "task", _TASK)} RETURNING number, key
), texts AS (
  INSERT INTO task_texts (team_id, task_id, source_id, text)
  SELECT :task_team_id, :task_id, :task_id, :task_text::text FROM counter
), event AS (
  {_insert("events", "event", _EVENT)}
)
SELECT number, key FROM task"""  # noqa: S608  names of ours
