"""Sagas: undertakings of several steps, each done once, the whole to be gone on with or taken back."""
