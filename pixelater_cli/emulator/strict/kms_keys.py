"""The KMS key that encrypts a new object: S3 refuses one that does not exist or cannot be used.

S3 does not look for the key of a bucket's default encryption before an object is to be encrypted.

https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html#API_GenerateDataKey_Errors
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

from moto.kms.models import Key, kms_backends

from pixelater_cli.emulator.strict.authorization import list_regions
from pixelater_cli.emulator.strict.refusal import Refusal
from pixelater_cli.emulator.strict.s3_encryption import ENCRYPTION, KEY_ID, KMS
from pixelater_cli.emulator.strict.s3_request import S3Request
from pixelater_cli.emulator.strict.s3_state import Bucket, find_bucket

ENCRYPTING = {"PutObject", "PostObject", "CopyObject", "CreateMultipartUpload"}

ALIAS = "alias/"


def check_kms_key(request: S3Request) -> None:
    """Refuse to encrypt an object with a key that does not exist or is off. Raises Refusal."""
    bucket = find_bucket(request.bucket)
    if bucket is None or request.operation.name not in ENCRYPTING:
        return
    named = _find_name(request, bucket)
    if not named:
        return
    arn = name_key(named, bucket.owner, bucket.stored.region_name)
    key = find_key(arn)
    if key is None and f":{ALIAS}" in arn:
        raise _refuse("NotFoundException", f"Alias {arn} is not found.")
    if key is None:
        raise _refuse("NotFoundException", f"Key '{arn}' does not exist")
    if key.key_state == "PendingDeletion":
        raise _refuse("KMSInvalidStateException", f"{arn} is pending deletion.")
    if not key.enabled:
        raise _refuse("DisabledException", f"{arn} is disabled.")


def _find_name(request: S3Request, bucket: Bucket) -> str:
    """Return the key that a request or its bucket names; "" for a key of AWS's, or none."""
    kind = request.headers.get(ENCRYPTION)
    default = bucket.find_encryption()
    if kind is None:
        return default.get("KMSMasterKeyID", "") if default.get("SSEAlgorithm") in KMS else ""
    return request.headers.get(KEY_ID, "") if kind in KMS else ""


def name_key(text: str, account: str, region: str) -> str:
    """Return the ARN of a key or alias, given as such or as an ID or name.

    >>> name_key("alias/photos", "123456789012", "us-east-1")
    'arn:aws:kms:us-east-1:123456789012:alias/photos'
    """
    if text.startswith("arn:"):
        return text
    resource = text if text.startswith(ALIAS) else f"key/{text}"
    return f"arn:aws:kms:{region}:{account}:{resource}"


def find_key(arn: str) -> Key | None:
    """Return the key that an ARN names, by itself or by an alias."""
    *_, region, account, resource = ("::::" + arn).split(":")
    if region not in list_regions() or not account.isdecimal():
        return None
    backend = kms_backends[account][region]
    kind, _, name = resource.partition("/")
    found = backend.get_key_id_from_alias(resource) if kind == "alias" else name
    return backend.keys.get(found or "")


def _refuse(code: str, message: str) -> Refusal:
    return Refusal(400, f"KMS.{code}", message)
