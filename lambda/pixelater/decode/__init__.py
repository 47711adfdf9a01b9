"""Opening photos: formats, limits, color modes and frames."""
