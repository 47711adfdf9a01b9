"""The pipeline on this machine: S3 by moto, functions run as AWS Lambda runs them."""
