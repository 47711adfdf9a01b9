"""Palettes: built in, from files, extracted; and images of cells in their colors."""
