"""LocalStack without Docker, for tests: its requirements, its server, its executor."""
