"""A replacement of awslambdaric's compiled runtime client, in Python."""
