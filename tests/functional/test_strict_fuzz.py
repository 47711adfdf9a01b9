"""No request, however it is put together, is answered with a server's error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functional.lambdas import start_bench
from tests.strictness.functions import zip_code
from tests.strictness.fuzz import list_requests
from tests.strictness.site import Site
from tests.strictness.suite import make_site

REQUESTS = 150


@pytest.fixture
def site() -> Iterator[Site]:
    """A bucket, a function, a queue, a log group and a role that requests may name."""
    with start_bench() as bench:
        one = make_site(bench.url)
        code = {"ZipFile": zip_code()}
        settings = {"Runtime": "python3.13", "Role": one.role, "Handler": "app.handle"}
        function = {"FunctionName": "fuzz", "Code": code, "Publish": True, **settings}
        one.call("lambda", "create_function", **function)
        one.call("lambda", "create_alias", FunctionName="fuzz", Name="live", FunctionVersion="1")
        one.call("sqs", "create_queue", QueueName="fuzz")
        one.call("logs", "create_log_group", logGroupName="fuzz")
        yield one


@pytest.mark.parametrize("seed", range(4))
def test_random_requests_are_no_servers_error(site: Site, seed: int) -> None:
    for request in list_requests(seed, REQUESTS, site.bucket):
        answer = site.ask(
            request.method, request.path, request.body, request.headers, request.service
        )
        implemented = answer.code != "NotImplemented"  # What S3 itself says of some headers.
        assert answer.status < 500 or not implemented, (request, answer.body)
