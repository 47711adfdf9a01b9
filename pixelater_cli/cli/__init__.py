"""What all commands share: options, settings, help and shell completion."""
