"""How workers hear of jobs at once: a module for each server that can tell them, each behind the port `Queue`."""
