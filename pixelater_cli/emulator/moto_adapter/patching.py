"""Private attributes of moto that the emulator replaces or uses, with their signatures.

They are checked at startup, so that a changed moto is not mistaken for a bug. pyproject.toml pins
moto's major version.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from typing import Any

from moto.awslambda.models import (
    EventInvokeConfig,
    LambdaAlias,
    LambdaBackend,
    LambdaFunction,
)
from moto.awslambda.responses import LambdaResponse
from moto.core.authorization import ActionAuthenticatorMixin
from moto.logs.models import LogsBackend
from moto.s3 import models as s3_models
from moto.s3 import notifications
from moto.s3.models import Notification, S3Backend
from moto.s3.responses import S3Response
from moto.sqs import models as sqs_models
from moto.sqs.models import Queue, SQSBackend
from moto.sts.models import STSBackend

from pixelater_cli.errors import EmulatorError

MotoAttribute = tuple[Any, str]
"""A class or module of moto, and the name of a function in it."""

REPLACED: dict[MotoAttribute, str] = {
    (LambdaFunction, "__init__"): "self account_id spec region version",
    (LambdaFunction, "get_configuration"): "self on_create",
    (LambdaFunction, "update_configuration"): "self config_updates",
    (LambdaFunction, "invoke"): "self body request_headers response_headers",
    (LambdaBackend, "create_function"): "self spec",
    (LambdaBackend, "update_function_code"): "self function_name qualifier body",
    (LambdaBackend, "update_function_configuration"): "self function_name qualifier body",
    (LambdaAlias, "update"): "self description function_version routing_config",
    (LambdaResponse, "invoke"): "self",
    (LambdaResponse, "invoke_async"): "self",
    (LambdaResponse, "put_function_event_invoke_config"): "self",
    (LambdaResponse, "update_function_event_invoke_config"): "self",
    (LambdaResponse, "get_function_event_invoke_config"): "self",
    (LambdaResponse, "delete_function_event_invoke_config"): "self",
    (LambdaResponse, "list_function_event_invoke_configs"): "self",
    (S3Response, "put_object"): "self",
    (S3Response, "copy_object"): "self",
    (S3Response, "delete_object"): "self",
    (S3Response, "_acl_to_dict"): "acl",
    (S3Response, "_tagging_from_xml"): "self",
    (S3Response, "_notification_config_from_body"): "self",
    (S3Response, "_bucket_response_delete_keys"): "self bucket_name authenticated",
    (S3Response, "serialized"): "self action_result",
    (S3Response, "_bucket_response_put"): "self request bucket_name querystring",
    (S3Response, "_bucket_response_delete"): "self bucket_name querystring",
    (S3Backend, "put_object"): (
        "self bucket_name key_name value storage etag multipart encryption kms_key_id "
        "bucket_key_enabled lock_mode lock_legal_status lock_until checksum_value request_method "
        "disable_notification"
    ),
    (S3Backend, "put_object_acl"): "self bucket_name key_name acl disable_notification",
    (S3Backend, "put_object_legal_hold"): "self bucket_name key_name version_id legal_hold_status",
    (S3Backend, "put_object_retention"): "self bucket_name key_name version_id retention",
    (S3Backend, "put_object_tagging"): "self key tags",
    (S3Backend, "restore_object"): "self bucket_name key_name days type_",
    (S3Backend, "delete_object"): "self bucket_name key_name version_id bypass",
    (S3Backend, "delete_object_tagging"): "self bucket_name key_name version_id",
    (Queue, "add_message"): "self message",
    (Queue, "delete_message"): "self receipt_handle",
    (SQSBackend, "purge_queue"): "self queue_name",
    (SQSBackend, "is_message_valid_based_on_retention_period"): "self queue_name message",
    (sqs_models, "unix_time_millis"): "dt",
    (SQSBackend, "delete_queue"): "self queue_name",
    (Notification, "_key_matches"): "self key_name",
    (S3Backend, "_set_delete_marker"): "self bucket_name key_name",
    (s3_models, "compute_checksum"): "body algorithm encode_base64",
    (notifications, "send_event"): "account_id event_name bucket key",
    (notifications, "_get_s3_event"): "event_name bucket key notification_id",
    (notifications, "_invoke_awslambda"): "account_id event_body fn_arn region_name",
    (ActionAuthenticatorMixin, "_authenticate_and_authorize_action"): (
        "self iam_request_cls resource"
    ),
}

USED: dict[MotoAttribute, str] = {
    (ActionAuthenticatorMixin, "_authenticate_and_authorize_normal_action"): "self resource",
    (S3Response, "key_dispatch"): "args kwargs",
    (LambdaBackend, "get_function"): "self function_name_or_arn qualifier",
    (EventInvokeConfig, "__init__"): "self arn last_modified config",
    (EventInvokeConfig, "response"): "self",
    (LogsBackend, "ensure_log_group"): "self log_group_name",
    (LogsBackend, "ensure_log_stream"): "self log_group_name log_stream_name",
    (LogsBackend, "put_log_events"): "self log_group_name log_stream_name log_events",
    (SQSBackend, "send_message"): (
        "self queue_name message_body message_attributes delay_seconds deduplication_id group_id "
        "system_attributes validate_group_id"
    ),
    (STSBackend, "assume_role"): (
        "self region_name role_session_name role_arn policy duration external_id"
    ),
    (STSBackend, "get_assumed_role_from_access_key"): "self access_key_id",
}


def check_moto() -> None:
    """Check the signatures of moto's functions. Raises EmulatorError, naming the function."""
    for (owner, name), parameters in {**REPLACED, **USED}.items():
        function = getattr(owner, name, None)
        expected = parameters.split()
        if function is None or list(inspect.signature(function).parameters) != expected:
            prefix = "" if inspect.ismodule(owner) else f"{owner.__module__}."
            difference = f"takes {inspect.signature(function)}" if function else "does not exist"
            raise EmulatorError(
                f"moto {metadata.version('moto')} is not supported: "
                f"{prefix}{owner.__name__}.{name} {difference}, expected ({', '.join(expected)})",
                "Install a supported version: pip install 'moto==5.2.5'",
            )


@contextmanager
def patched(replacements: Mapping[MotoAttribute, Any]) -> Iterator[None]:
    """Replace functions of moto, and restore them at the end."""
    if unknown := set(replacements) - set(REPLACED):
        raise KeyError(f"not in REPLACED: {unknown}")
    originals = {attribute: inspect.getattr_static(*attribute) for attribute in replacements}
    for (owner, name), function in replacements.items():
        setattr(owner, name, function)
    try:
        yield
    finally:
        for (owner, name), function in originals.items():
            setattr(owner, name, function)
