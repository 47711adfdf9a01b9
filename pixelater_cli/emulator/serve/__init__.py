"""Serving until Ctrl-C: the dashboard, persistence and code reloading."""
