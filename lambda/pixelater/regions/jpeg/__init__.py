"""JPEG files whose coefficients outside of regions stay as they are."""
