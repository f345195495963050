"""What HTTP, the command line and the worker share: settings, and the container that wires them to the core."""
