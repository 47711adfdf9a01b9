"""The pipeline on another server than moto: ministack, LocalStack or AWS, as the switches say."""

from tests.pipeline import *  # noqa: F403
