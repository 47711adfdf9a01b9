"""The commands that operate a stack, on the server that the switches say."""

from tests.operating import *  # noqa: F403
