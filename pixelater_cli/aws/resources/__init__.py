"""The AWS resources of a stack, one module per type."""
