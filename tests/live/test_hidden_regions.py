"""Photos with hidden regions on the server that the switches say."""

from tests.hidden_regions import *  # noqa: F403
