"""What happens, while it happens: who follows a team's log, and how processes wake each other."""
