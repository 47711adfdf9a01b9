"""Looks and rules on the server that the switches say."""

from tests.rules import *  # noqa: F403
