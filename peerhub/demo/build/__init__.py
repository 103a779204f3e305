"""Builds Aberwen. The same anchor day and scale always give the same university.

Rows of history are written in bulk: a year of registers through the log form, one by one, would take an afternoon. They
are what the use cases would have left behind, and the test of the demo checks that they are.
"""

from peerhub.demo.build.university import build_university, is_built

__all__ = ["build_university", "is_built"]
