"""Plans and times: working calendars, recurrence, reminders, capacity. Pure arithmetic, fit to be used alone."""
