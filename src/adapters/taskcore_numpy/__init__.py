"""Longest paths through large networks, by numpy."""

from taskcore_numpy.network import NumpyNetwork

__all__ = ["NumpyNetwork"]
