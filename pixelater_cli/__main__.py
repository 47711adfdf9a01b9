"""Owns `python -m pixelater_cli`."""

from pixelater_cli.app import main

main()
