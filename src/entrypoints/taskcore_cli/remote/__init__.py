"""The use cases of a service elsewhere, in the shape of the core's own. Loaded when a server is named."""
