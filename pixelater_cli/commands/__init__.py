"""One file per command: arguments -> plan or engine -> result -> output."""
