"""Benchmarks: `python -m benchmarks` measures pixelater against every peer found on this machine."""
