"""Operating a stack: uploads, logs, failures, metrics and backfill."""
