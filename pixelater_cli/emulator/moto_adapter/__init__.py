"""What the emulator uses and replaces of moto."""
