"""Errors of JPEG files whose coefficients cannot be kept."""


class Unsuited(Exception):
    """A JPEG whose coefficients cannot be kept; the message says why: "it is ..."."""


class DamagedData(Unsuited):
    """Segments or coded data that are not as they must be, or end too early."""
