"""A burst of uploads, on the server that the switches name."""

from tests.burst import *  # noqa: F403
