"""Operating a stack: uploads, log, failures, metrics, versions and backfill."""
