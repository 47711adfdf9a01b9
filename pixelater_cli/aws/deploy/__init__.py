"""Deploying a stack: the plan, the calls that apply it, and the smoke test."""
