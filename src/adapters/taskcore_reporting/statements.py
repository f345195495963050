"""The statements of the reports."""

from __future__ import annotations

from taskcore.reporting.facts import COUNTED

MEET_TEAM = "INSERT INTO taskcore_report.positions (team_id, seq) VALUES ($1, 0) ON CONFLICT DO NOTHING"
LOCK_TEAM = "SELECT seq FROM taskcore_report.positions WHERE team_id = $1 FOR UPDATE"
"""Who takes events of a team waits here for whoever takes some; the statements that follow see what came of it."""
ADVANCE = "UPDATE taskcore_report.positions SET seq = $2 WHERE team_id = $1"

STORIES = "SELECT task_id, story FROM taskcore_report.tasks WHERE team_id = $1 AND task_id = ANY($2::uuid[])"

WRITE_TASKS = """
INSERT INTO taskcore_report.tasks
  (team_id, task_id, key, project_id, status, created_at, started_at, completed_at, reopened, gone, story)
SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[],
  $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::integer[], $10::boolean[], $11::jsonb[])
ON CONFLICT (team_id, task_id) DO UPDATE SET
  key = coalesce(excluded.key, tasks.key), project_id = excluded.project_id, status = excluded.status,
  created_at = excluded.created_at, started_at = excluded.started_at, completed_at = excluded.completed_at,
  reopened = excluded.reopened, gone = excluded.gone, story = excluded.story"""

FORGET_COMPLETIONS = (
    "DELETE FROM taskcore_report.completions WHERE team_id = $1 AND task_id = ANY($2::uuid[])"
)
WRITE_COMPLETIONS = """
INSERT INTO taskcore_report.completions
  (team_id, task_id, number, project_id, completed_at, cycle_time, lead_time)
SELECT $1, * FROM unnest($2::uuid[], $3::integer[], $4::uuid[], $5::timestamptz[], $6::interval[], $7::interval[])"""

_ARRAYS = ", ".join(f"${place}::integer[]" for place in range(4, 4 + len(COUNTED)))
_SUMS = ", ".join(f"{name} = changes.{name} + excluded.{name}" for name in COUNTED)
ADD_CHANGES = f"""
INSERT INTO taskcore_report.changes (team_id, project_id, day, {", ".join(COUNTED)})
SELECT $1, * FROM unnest($2::uuid[], $3::date[], {_ARRAYS})
ON CONFLICT (team_id, day, project_id) DO UPDATE SET {_SUMS}"""  # noqa: S608  names of ours

TIDY = f"""
DELETE FROM taskcore_report.changes WHERE team_id = $1 AND day = ANY($2::date[])
  AND ({", ".join(COUNTED)}) = ({", ".join("0" for _ in COUNTED)})"""  # noqa: S608  names of ours
"""What came to nothing, so that equal logs are equal rows."""

NAME_PROJECTS = """
INSERT INTO taskcore_report.projects (team_id, project_id, name)
SELECT $1, * FROM unnest($2::uuid[], $3::text[])
ON CONFLICT (team_id, project_id) DO UPDATE SET name = excluded.name"""

NAME_TEAM = """
INSERT INTO taskcore_report.teams (team_id, key, name, told_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (team_id) DO UPDATE SET key = excluded.key, name = excluded.name, told_at = excluded.told_at
WHERE excluded.told_at >= teams.told_at"""

TEAMS = """
SELECT p.team_id, coalesce(t.key, p.team_id::text) AS key
FROM taskcore_report.positions p LEFT JOIN taskcore_report.teams t USING (team_id)
WHERE $1::text IS NULL OR t.key = upper($1) OR p.team_id::text = lower($1)
ORDER BY 2"""

CHANGES = f"""
SELECT team_id, day, {", ".join(f"sum({name})::bigint AS {name}" for name in COUNTED)}
FROM taskcore_report.changes WHERE team_id = ANY($1::uuid[]) GROUP BY team_id, day"""  # noqa: S608  names of ours

COMPLETED = """
SELECT team_id, project_id, completed_at, cycle_time, lead_time
FROM taskcore_report.completions WHERE team_id = ANY($1::uuid[]) AND completed_at >= $2
ORDER BY completed_at, task_id, number"""
