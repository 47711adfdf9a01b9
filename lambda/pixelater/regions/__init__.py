"""Regions of photos: what is hidden in them, while the rest stays sharp."""
