"""Videos: mosaics of whole frames, and of regions that move (extra `video`: PyAV and NumPy)."""
