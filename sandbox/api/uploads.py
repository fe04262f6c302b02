"""Files on their way in: signed fields first, then the bytes, as S3 takes them."""

import base64
import io
import json
import re
import uuid
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from sandbox.api.call import Call
from sandbox.api.router import answers, answers_anybody, clean, too_large
from sandbox.errors import malformed
from sandbox.models import Account, Upload

MAX_FILE = 64 * 1024 * 1024
ENVELOPE = 64 * 1024
LONGEST_NAME = 255
PLACEHOLDER = "${filename}"

signer = signing.Signer(salt="sandbox.upload")


class InMemory(MemoryFileUploadHandler):
    """Keeps the file where the whole body is already."""

    def handle_raw_input(self, *described: Any, **more: Any) -> None:
        self.activated = True


@answers("UploadOperations_getUploadParams")
def get_upload_params(call: Call) -> dict[str, Any]:
    """Grant one upload: the policy names who, the signature binds it to the key."""
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


@answers_anybody("DirectUploadOperations_uploadFile")
def upload_file(request: HttpRequest) -> HttpResponse:
    """Store the file; whoever has the signed fields may, no token is asked for."""
    fields, file = _parts(request)
    terms = _terms(fields)
    key = terms["key"].replace(PLACEHOLDER, _name(file))
    if not Upload.objects.filter(key=key).exists():
        Upload.objects.create(
            key=key,
            owner=Account.objects.get(pk=terms["owner"]),
            content=file,
            content_type=(file.content_type or "application/octet-stream")[:255],
            size=file.size or 0,
        )
    return HttpResponse(status=204)


def _terms(fields: dict[str, str]) -> dict[str, Any]:
    """Return what was granted, if the fields are the ones that were signed."""
    policy, signature = fields.get("policy", ""), fields.get("x-amz-signature", "")
    if not constant_time_compare(signer.signature(policy), signature):
        raise malformed("x-amz-signature", _("The signature does not match."))
    terms: dict[str, Any] = json.loads(base64.b64decode(policy))
    if fields.get("key") != terms["key"]:
        raise malformed("key", _("The key is not the one that was granted."), fields.get("key"))
    return terms


def _parts(request: HttpRequest) -> tuple[dict[str, str], UploadedFile]:
    """Return the form's fields and its file, which comes last: S3 ignores what follows it."""
    body = _body(request)
    try:
        parser = MultiPartParser(request.META, io.BytesIO(body), [InMemory(request)])
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


def _name(file: UploadedFile) -> str:
    """Return the file's name as a part of an address: no folders, nothing to escape."""
    name = re.sub(r"[^\w.\- ()]", "_", (file.name or "").rpartition("/")[2]).strip(". ")
    if not name:
        raise malformed("file", _("The file has no name."))
    return name[-LONGEST_NAME:]
