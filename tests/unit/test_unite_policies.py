"""The policy of a role while either of two versions may run."""

from __future__ import annotations

from typing import Any

import pytest

from pixelater_cli.aws.resources.policy import allow, make_policy_document, unite_policies

READ = allow("Read", ["s3:GetObject"], "arn:aws:s3:::a/*")
READ_B = allow("Read", ["s3:GetObject"], "arn:aws:s3:::b/*")
READ_BOTH = allow("Read", ["s3:GetObject"], ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"])
LIST = allow("List", ["s3:ListBucket"], "arn:aws:s3:::a")
WRITE = allow("Read", ["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::a/*")
Statement = dict[str, Any]


@pytest.mark.parametrize(
    ("live", "wanted", "both"),
    [
        ([READ], [READ], [READ]),
        ([READ], [READ_B], [READ_BOTH]),
        ([READ_BOTH], [READ], [READ_BOTH]),
        ([READ, LIST], [READ], [READ, {**LIST, "Sid": "ListBefore"}]),
        ([READ], [READ, LIST], [READ, LIST]),
        ([READ], [WRITE], [WRITE, {**READ, "Sid": "ReadBefore"}]),
    ],
)
def test_both_versions_may_do_what_they_need(
    live: list[Statement], wanted: list[Statement], both: list[Statement]
) -> None:
    united = unite_policies(make_policy_document(*live), make_policy_document(*wanted))
    assert united == make_policy_document(*both)
