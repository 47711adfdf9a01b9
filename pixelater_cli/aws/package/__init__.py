"""Building the zip that the function runs."""
