"""The routes, one module a resource. Each parses, calls one use case, and answers."""
