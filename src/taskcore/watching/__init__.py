"""What is to happen to a task at its time: reminders, what is due soon and overdue, and escalation."""
