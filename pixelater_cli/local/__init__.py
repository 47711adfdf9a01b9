"""Pixelating local files: search, worker processes, writing and the run cache."""
