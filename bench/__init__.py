"""What taskcore costs, measured side by side with the least that could do the same: see README.md."""
