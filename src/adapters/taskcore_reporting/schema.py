"""
The tables of the reports, in a schema of their own: `taskcore_report`.

They hold nothing that the log does not tell, so their migrations are a list: each text takes them from one
version to the next. Where that is not worth it, a version may as well drop them all, and whoever runs it
starts over from the log.
"""

from __future__ import annotations

VERSIONS: tuple[str, ...] = (
    """
CREATE TABLE taskcore_report.positions (
  team_id uuid PRIMARY KEY,
  seq bigint NOT NULL
);
COMMENT ON TABLE taskcore_report.positions IS 'Up to which event each team''s log is in the other tables';

CREATE TABLE taskcore_report.teams (
  team_id uuid PRIMARY KEY,
  key text NOT NULL,
  name text NOT NULL,
  told_at timestamptz NOT NULL
);

CREATE TABLE taskcore_report.projects (
  team_id uuid NOT NULL,
  project_id uuid NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (team_id, project_id)
);

CREATE TABLE taskcore_report.tasks (
  team_id uuid NOT NULL,
  task_id uuid NOT NULL,
  key text,
  project_id uuid,
  status text,
  created_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  completed_on date GENERATED ALWAYS AS ((completed_at AT TIME ZONE 'UTC')::date) STORED,
  cycle_time interval GENERATED ALWAYS AS (completed_at - started_at) STORED,
  lead_time interval GENERATED ALWAYS AS (completed_at - created_at) STORED,
  reopened integer NOT NULL,
  gone boolean NOT NULL,
  story jsonb NOT NULL,
  PRIMARY KEY (team_id, task_id)
);
CREATE INDEX tasks_completed ON taskcore_report.tasks (team_id, completed_at) WHERE completed_at IS NOT NULL;
COMMENT ON COLUMN taskcore_report.tasks.story IS 'The steps that the other columns follow from; its form may change';

CREATE TABLE taskcore_report.changes (
  team_id uuid NOT NULL,
  project_id uuid,
  day date NOT NULL,
  created integer NOT NULL,
  completed integer NOT NULL,
  cancelled integer NOT NULL,
  reopened integer NOT NULL,
  backlog_change integer NOT NULL,
  open_change integer NOT NULL,
  in_progress_change integer NOT NULL,
  in_review_change integer NOT NULL,
  done_change integer NOT NULL,
  cancelled_change integer NOT NULL,
  UNIQUE NULLS NOT DISTINCT (team_id, day, project_id)
);
COMMENT ON TABLE taskcore_report.changes IS 'What happened on a day (UTC); a project_id of null is of no project';

CREATE VIEW taskcore_report.daily AS
SELECT team_id, project_id, day, created, completed, cancelled, reopened,
  sum(backlog_change) OVER days AS backlog,
  sum(open_change) OVER days AS open,
  sum(in_progress_change) OVER days AS in_progress,
  sum(in_review_change) OVER days AS in_review,
  sum(done_change) OVER days AS done,
  sum(cancelled_change) OVER days AS dropped,
  sum(in_progress_change + in_review_change) OVER days AS wip
FROM taskcore_report.changes
WINDOW days AS (PARTITION BY team_id, project_id ORDER BY day);
COMMENT ON VIEW taskcore_report.daily IS
  'Days on which something happened, with how many tasks there were in each status at their end';
""",
    """
CREATE TABLE taskcore_report.completions (
  team_id uuid NOT NULL,
  task_id uuid NOT NULL,
  number integer NOT NULL,
  project_id uuid,
  completed_at timestamptz NOT NULL,
  completed_on date GENERATED ALWAYS AS ((completed_at AT TIME ZONE 'UTC')::date) STORED,
  cycle_time interval,
  lead_time interval,
  PRIMARY KEY (team_id, task_id, number)
);
CREATE INDEX completions_at ON taskcore_report.completions (team_id, completed_at);
COMMENT ON TABLE taskcore_report.completions IS
  'Each time that a task became done, whatever came after; project_id is that of then';
DROP INDEX taskcore_report.tasks_completed;
TRUNCATE taskcore_report.positions, taskcore_report.tasks, taskcore_report.changes;
""",
)
"""PostgreSQL 15 and newer (`NULLS NOT DISTINCT`)."""

FOUNDATION = """
CREATE SCHEMA IF NOT EXISTS taskcore_report;
CREATE TABLE IF NOT EXISTS taskcore_report.version (number integer NOT NULL);
"""
TABLES = ("positions", "teams", "projects", "tasks", "completions", "changes")
