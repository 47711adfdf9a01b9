"""Tests: unit (no files, no network, no clock), functional (the command line), live (on demand)."""
