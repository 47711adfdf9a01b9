"""The pixelater command line: pixelate local photos, deploy the AWS pipeline, emulate it."""

__version__ = "0.1.0"
