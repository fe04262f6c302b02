"""Serving uploaded files. Browsers show media inline and never run scripts."""

import mimetypes

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from sandbox.api.errors import Refusal, not_found
from sandbox.api.router import authenticate
from sandbox.models import Account, Upload
from sandbox.models.files import signer

SHOWN = ("image/", "audio/", "video/")
# Can contain scripts.
NEVER_INLINE = {"image/svg+xml"}


@require_safe
def serve_file(request: HttpRequest, key: str) -> HttpResponse | FileResponse:
    """Serve a file to clients with its signed URL or a token of the sandbox."""
    try:
        _check_access(request, key)
        upload = Upload.objects.filter(key=key).first() if "\0" not in key else None
        if upload is None:
            raise not_found("key", key)
    except Refusal as refusal:
        return refusal.response()
    return _response(upload)


def _check_access(request: HttpRequest, key: str) -> None:
    token = request.GET.get("token", "")
    if settings.DEBUG or constant_time_compare(signer.signature(key), token):
        return
    if "\0" in token or not Account.objects.filter(token=token).exists():
        authenticate(request)


def _response(upload: Upload) -> FileResponse:
    name = upload.key.rpartition("/")[2]
    kind = mimetypes.guess_type(name)[0] or upload.content_type
    is_shown = kind.startswith(SHOWN) and kind not in NEVER_INLINE
    response = FileResponse(
        upload.content.open(), as_attachment=not is_shown, filename=name, content_type=kind
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response
