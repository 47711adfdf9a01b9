"""Fuzzing of pixelate() and of the writers: seeds, checks, and targets for atheris."""
