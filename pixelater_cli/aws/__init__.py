"""Deploying: what is wanted (stack), what to do (plan), doing it (account), the zip (archive)."""
