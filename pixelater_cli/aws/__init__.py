"""Deploying and operating a stack in AWS."""
