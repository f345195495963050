"""Plans and times: working calendars, recurrence, reminders. Pure arithmetic, fit to be used alone."""
