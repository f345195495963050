"""Other programs' files, read as tasks to take in: bytes in, `Incoming` and `Refusal` out."""
