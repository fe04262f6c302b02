"""Uploads: signed form fields first, then the file, as with S3."""

import base64
import io
import json
import re
import uuid
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from sandbox.api.call import Call
from sandbox.api.errors import malformed
from sandbox.api.router import clean, handles, handles_publicly, too_large
from sandbox.models import Account, Upload

MAX_FILE = 64 * 1024 * 1024
ENVELOPE = 64 * 1024
MAX_NAME_BYTES = 255
PLACEHOLDER = "${filename}"

signer = signing.Signer(salt="sandbox.upload")


class Parser(MultiPartParser):
    """Keeps file names unchanged except for directories, as S3 does in keys."""

    def sanitize_file_name(self, file_name: str) -> str:
        name = clean(file_name.rpartition("/")[2])
        if not name.strip(". "):
            raise malformed("file", _("The file has no name."))
        if len(name.encode()) > MAX_NAME_BYTES:
            message = _("The name of the file has more than 255 bytes.")
            raise malformed("file", message, name, "too_long")
        return str(name)


class InMemory(MemoryFileUploadHandler):
    """Keeps the file in memory, where the whole body is already."""

    def handle_raw_input(self, *described: Any, **more: Any) -> None:
        self.activated = True


@handles("UploadOperations_getUploadParams")
def get_upload_params(call: Call) -> dict[str, Any]:
    """Grant an upload: the policy contains the owner and the key, and is signed."""
    now = timezone.now()
    key = f"attaches/files/{call.account.pk}/{uuid.uuid4()}/{PLACEHOLDER}"
    terms = {"owner": call.account.pk, "key": key}
    policy = base64.b64encode(json.dumps(terms).encode()).decode()
    return {
        "Content-Disposition": "attachment",
        "acl": "private",
        "policy": policy,
        "x-amz-credential": f"sandbox/{now:%Y%m%d}/local/s3/aws4_request",
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
        "x-amz-signature": signer.signature(policy),
        "key": key,
        "direct_url": f"{settings.SANDBOX_API_URL}/direct_url",
    }


@handles_publicly("DirectUploadOperations_uploadFile")
def upload_file(request: HttpRequest) -> HttpResponse:
    """Store the file. The signed fields authorise the upload; no token is required."""
    fields, file = _parts(request)
    terms = _terms(fields)
    key = terms["key"].replace(PLACEHOLDER, file.name or "")
    if not Upload.objects.filter(key=key).exists():
        Upload.objects.create(
            key=key,
            owner=Account.objects.get(pk=terms["owner"]),
            content=ContentFile(file.read(), _stored_name(key)),
            content_type=(file.content_type or "application/octet-stream")[:255],
            size=file.size or 0,
        )
    return HttpResponse(status=204)


def _terms(fields: dict[str, str]) -> dict[str, Any]:
    """Return the granted terms if the fields match the signature."""
    policy, signature = fields.get("policy", ""), fields.get("x-amz-signature", "")
    if not constant_time_compare(signer.signature(policy), signature):
        raise malformed("x-amz-signature", _("The signature does not match."))
    terms: dict[str, Any] = json.loads(base64.b64decode(policy))
    if fields.get("key") != terms["key"]:
        raise malformed("key", _("The key differs from the granted one."), fields.get("key"))
    return terms


def _parts(request: HttpRequest) -> tuple[dict[str, str], UploadedFile]:
    """Return the fields and the file, which must be last: S3 ignores fields after it."""
    body = _body(request)
    try:
        parser = Parser(request.META, io.BytesIO(body), [InMemory(request)])
        form, files = parser.parse()
    except (MultiPartParserError, ValueError):
        raise malformed("base", _("The body is not a valid multipart form.")) from None
    file = files.get("file")
    if file is None or not _is_last(body, request):
        raise malformed("file", _("The file must be the last field of the form."))
    return {name: clean(value) for name, value in form.dict().items()}, file


def _body(request: HttpRequest) -> bytes:
    largest = MAX_FILE + ENVELOPE
    if int(request.META.get("CONTENT_LENGTH") or 0) > largest:
        raise too_large()
    body = request.read(largest + 1)
    if len(body) > largest:
        raise too_large()
    return body


def _is_last(body: bytes, request: HttpRequest) -> bool:
    boundary = (
        request.content_params.get("boundary", "").encode() if request.content_params else b""
    )
    last = body[body.rfind(b"--" + boundary + b"\r\n") :].partition(b"\r\n\r\n")[0]
    return b'name="file"' in last


def _stored_name(key: str) -> str:
    """Return the name in the storage, where the original name might be too long."""
    extension = re.search(r"\.[A-Za-z0-9]{1,10}$", key)
    return f"{key.split('/')[-2]}{extension[0] if extension else ''}"
