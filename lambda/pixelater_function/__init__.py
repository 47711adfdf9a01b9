"""The AWS Lambda function: S3 events in, mosaics out."""
