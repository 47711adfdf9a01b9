"""Lambda for the emulator: queues, execution environments, retries and logs."""
