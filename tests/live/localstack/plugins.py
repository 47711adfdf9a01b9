"""What LocalStack loads, in its own virtual environment: an executor, and a folder for S3.

localstack-core 4.14.0 finds both by the entry points that tests/live/localstack/server.py writes:
localstack/services/lambda_/invocation/plugins.py and localstack/runtime/hooks.py.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from localstack.runtime import hooks
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin

if TYPE_CHECKING:
    from tests.live.localstack.executor import ProcessExecutor


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """What LAMBDA_RUNTIME_EXECUTOR=process names."""

    name = "process"

    def load(self) -> type[ProcessExecutor]:
        from tests.live.localstack.executor import ProcessExecutor

        return ProcessExecutor


@hooks.on_infra_start()
def move_objects() -> None:
    """Let S3 keep large objects with LocalStack's other temporary files, not in /tmp itself."""
    from localstack.services.s3 import provider

    provider.DEFAULT_S3_TMP_DIR = tempfile.mkdtemp(prefix="s3-")
