"""Placeholders: what a page shows until a photo is loaded."""
