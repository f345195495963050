"""What leaves a team whole, and what comes into one: our own format, tables, and other programs' files."""
