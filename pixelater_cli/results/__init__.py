"""Own what commands return: frozen data, the shape of the JSON documents, a module each.

Every document carries `version`; a change that breaks readers raises it. Paths are strings.
A command loads its own results only: Python takes a millisecond to make each of these classes.
"""

VERSION = 1
