"""The pixelater command line: pixelate local photos, deploy the AWS pipeline, emulate it."""

__version__ = "0.2.0.dev0"
