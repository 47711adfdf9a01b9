"""Weather: what AWS does on a bad day, injected into the emulator on request."""
