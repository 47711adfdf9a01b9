"""What all tests share: how many examples hypothesis tries."""

from hypothesis import settings

settings.register_profile("thorough", max_examples=10_000)
