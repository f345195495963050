"""Reports on how work flows, kept in PostgreSQL, and the brokers that they can be fed from."""

from taskcore_reporting.postgres import PostgresReports, open_postgresql

__all__ = ["PostgresReports", "open_postgresql"]
