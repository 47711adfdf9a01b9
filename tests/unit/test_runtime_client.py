"""The boto3 of the Lambda runtime, which is checked when the function is loaded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from pixelater_function.s3 import UnsupportedRuntime, check_client


def make_client(*leaving_out: tuple[str, str]) -> Any:
    """Make a client whose operations lack these parameters."""
    real = boto3.client("s3", "eu-west-1").meta.service_model

    def describe(operation: str) -> Any:
        members = set(real.operation_model(operation).input_shape.members)
        members -= {name for known, name in leaving_out if known == operation}
        return SimpleNamespace(input_shape=SimpleNamespace(members=members))

    return SimpleNamespace(
        meta=SimpleNamespace(service_model=SimpleNamespace(operation_model=describe))
    )


def test_boto3_with_all_conditions_is_accepted() -> None:
    check_client(make_client())


@pytest.mark.parametrize(
    ("operation", "name"),
    [("PutObject", "IfMatch"), ("PutObject", "IfNoneMatch"), ("DeleteObject", "IfMatch")],
)
def test_boto3_without_a_condition_is_refused(operation: str, name: str) -> None:
    with pytest.raises(UnsupportedRuntime, match=f"does not know {name} of {operation}: deploy"):
        check_client(make_client((operation, name)))
