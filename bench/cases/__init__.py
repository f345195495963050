"""Kinds of outside cases for `bench/conformance.py`."""
