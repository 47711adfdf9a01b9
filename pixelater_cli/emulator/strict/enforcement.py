"""IAM policies, applied to the sessions of roles, as functions' are, and to nobody else.

moto checks signed requests. Presigned URLs, the keys of DeleteObjects and the source of a copy are
checked here. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from moto import settings as moto_settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.access_control import S3IAMRequest
from moto.s3.exceptions import S3ClientError
from moto.s3.responses import S3Response
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from pixelater_cli.emulator.http_server.request_context import current_request
from pixelater_cli.emulator.moto_adapter.patching import MotoAttribute
from pixelater_cli.emulator.strict.documents import strip_namespace

AUTHORIZE: MotoAttribute = (ActionAuthenticatorMixin, "_authenticate_and_authorize_action")
DELETE_KEYS: MotoAttribute = (S3Response, "_bucket_response_delete_keys")


def list_enforcement() -> dict[MotoAttribute, Any]:
    """Give what makes moto apply policies to sessions of roles.

    Requests with other keys, as people make up for emulators, pass as they do without it.
    """
    check_signed = getattr(*AUTHORIZE)

    def authorize(self: Any, iam_request_cls: type, resource: str = "*") -> None:
        if not _is_role(self):
            return
        if isinstance(self, S3Response) and self.method == "POST" and self.is_delete_keys():
            return  # Each key is checked by itself.
        if self.headers.get("Authorization"):
            check_signed(self, iam_request_cls, resource)
        else:
            _check(self, str(self._get_action()), resource)
        source = self.headers.get("x-amz-copy-source")
        if source:
            key = unquote(source.partition("?")[0]).lstrip("/")
            _check(self, "GetObject", f"arn:{get_partition(self.region)}:s3:::{key}")

    return {AUTHORIZE: authorize, DELETE_KEYS: _delete_permitted(getattr(*DELETE_KEYS))}


def may_read_object(response: Any, bucket: str, key: str, *, versioned: bool) -> bool:
    """Return whether the caller of another service may read an object, of a version or not."""
    if moto_settings.INITIAL_NO_AUTH_ACTION_COUNT or not _is_role(response):
        return True
    action = "GetObjectVersion" if versioned else "GetObject"
    try:
        _check(response, action, f"arn:{get_partition(response.region)}:s3:::{bucket}/{key}")
    except S3ClientError:
        return False
    return True


def _delete_permitted(delete_keys: Callable[[Any, str, bool], Any]) -> Callable[..., Any]:
    """Have keys deleted that the policies allow; the others are named as errors, as S3 does."""

    def delete(self: Any, bucket_name: str, authenticated: bool = True) -> Any:
        if not _is_role(self):
            return delete_keys(self, bucket_name, authenticated)
        root = ElementTree.fromstring(self.body)  # noqa: S314 (the front has parsed it)
        for element in root.iter():
            element.tag = strip_namespace(element.tag)  # As moto reads it.
        denied = [one for one in _list_objects(root) if not _may_delete(self, bucket_name, one)]
        if not denied:
            return delete_keys(self, bucket_name, authenticated)
        for one in denied:
            root.remove(one)
        errors = _write_errors(denied)
        if not _list_objects(root):
            return 200, {}, f"<DeleteResult>{errors}</DeleteResult>"
        self.body = ElementTree.tostring(root)
        status, headers, body = delete_keys(self, bucket_name, authenticated)
        text = body if isinstance(body, str) else body.decode()
        return status, headers, text.replace("</DeleteResult>", f"{errors}</DeleteResult>", 1)

    return delete


def _is_role(response: Any) -> bool:
    backend = sts_backends[response.current_account][get_partition(response.region)]
    key = current_request().access_key
    return backend.get_assumed_role_from_access_key(key) is not None


def _check(response: Any, action: str, resource: str) -> None:
    """Check that the session's policies allow an action of S3. Raises S3ClientError."""
    query = parse_qs(urlsplit(response.uri).query)
    token = response.headers.get("X-Amz-Security-Token")
    for name in ("X-Amz-Security-Token", "x-amz-security-token"):
        token = token or query.get(name, [""])[0]
    scope = f"{current_request().access_key}/20260101/{response.region}/s3/aws4_request"
    request = S3IAMRequest(
        account_id=response.current_account,
        method=response.method,
        path=response.raw_path,
        data=response.data,
        body=b"",
        headers={"Authorization": f"Credential={scope},", "X-Amz-Security-Token": token},
        action=action,
    )
    request.check_action_permitted(resource)


def _list_objects(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [child for child in root if strip_namespace(child.tag) == "Object"]


def _read(element: ElementTree.Element, name: str) -> str:
    found = (child.text for child in element if strip_namespace(child.tag) == name)
    return next(found, None) or ""


def _may_delete(response: Any, bucket: str, element: ElementTree.Element) -> bool:
    action = "DeleteObjectVersion" if _read(element, "VersionId") else "DeleteObject"
    arn = f"arn:{get_partition(response.region)}:s3:::{bucket}/{_read(element, 'Key')}"
    try:
        _check(response, action, arn)
    except S3ClientError:
        return False
    return True


def _write_errors(denied: list[ElementTree.Element]) -> str:
    return "".join(
        f"<Error><Key>{escape(_read(one, 'Key'))}</Key><Code>AccessDenied</Code>"
        "<Message>Access Denied</Message></Error>"
        for one in denied
    )
