"""Preview documents on the server that the switches say."""

from tests.placeholders import *  # noqa: F403
