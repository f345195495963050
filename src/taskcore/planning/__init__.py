"""The plan of a team: what its tasks, calendars and people come to, shown, tried out and applied."""
