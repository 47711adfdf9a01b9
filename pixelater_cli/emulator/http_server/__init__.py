"""HTTP server of the emulator."""
