"""Calls that upload and serve pictures."""

import re

from django.contrib.auth import get_user
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from twitter import actions
from twitter.api.errors import ObjectNotFound
from twitter.media.storage import StorageUnavailable
from twitter.models import Media, User
from twitter.serialization import Json

NAME = re.compile(r"(?P<folder>[apt])-(?P<token>[\w-]{24})\.(?P<extension>jpg|png|gif|webp)")
FOLDERS = {"p": "tweets/", "t": "tweets/thumbnails/", "a": "avatars/"}
KINDS = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}
A_YEAR = 365 * 24 * 3600

FILE_DESCRIPTION = """\
The file of a picture. URLs cannot be guessed, so no key is required.

Use the URLs that other calls return."""


def upload(caller: User, body: Json) -> Json:
    media = actions.upload_media(caller, body["file"], body["alt"])
    return {"media_id": media.pk, "url": media.url}


def read_file(request: HttpRequest, filename: str) -> HttpResponse:
    name = NAME.fullmatch(filename)
    if name is None or not _may_see(request, name["folder"], name["token"]):
        raise ObjectNotFound
    # The header may have a weak tag (if a proxy compressed the response) or several tags.
    if f'"{name["token"]}"' in request.headers.get("If-None-Match", ""):
        return _set_cache_headers(HttpResponse(status=304), name["token"])
    content = _read(FOLDERS[name["folder"]] + filename)
    return _set_cache_headers(HttpResponse(content, KINDS[name["extension"]]), name["token"])


def _read(stored_name: str) -> bytes:
    try:
        with default_storage.open(stored_name) as file:
            return bytes(file.read())
    except FileNotFoundError as error:
        raise ObjectNotFound from error
    except ConnectionError as error:
        raise StorageUnavailable(
            _("Files cannot be read at the moment. Try again later.")
        ) from error


def _may_see(request: HttpRequest, folder: str, token: str) -> bool:
    """Return whether a picture is visible: those of hidden tweets are to moderators only."""
    if folder == "a" or Media.objects.served().filter(token=token).exists():
        return True
    return get_user(request).has_perm("twitter.moderate")


def _set_cache_headers(response: HttpResponse, token: str) -> HttpResponse:
    """Let browsers cache the immutable file; shared caches must not store it."""
    patch_cache_control(response, private=True, max_age=A_YEAR, immutable=True)
    response["ETag"] = f'"{token}"'
    return response
