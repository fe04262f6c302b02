"""The calls about pictures: taking them in, and showing them."""

import re
from functools import partial

from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from twitter import actions
from twitter.api import answers
from twitter.api.errors import NoSuchThing
from twitter.api.schema import call, failed
from twitter.api.serializers import NewMedia
from twitter.api.views import ContractView
from twitter.models import Media

NAME = re.compile(r"(?P<folder>[apt])-(?P<token>[\w-]{24})\.(?P<extension>jpg|png|gif|webp)")
FOLDERS = {"p": "tweets/", "t": "tweets/thumbnails/", "a": "avatars/"}
KINDS = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}
A_YEAR = 365 * 24 * 3600

describe = partial(call, tag="media")


class Medias(ContractView):
    parser_classes = [MultiPartParser]

    @describe(_("Upload a picture"), answers.MediaMade, sends=NewMedia)
    def post(self, request: Request) -> Response:
        sent = self.sent(NewMedia)
        media = actions.upload_media(self.person, sent["file"], sent["alt"])
        return self.done(media_id=media.pk, url=media.url)


class MediaFile(ContractView):
    """A picture, for whoever has its unguessable address: pages show it without a key.

    The name is all that is read of the address, and must be one that we gave.
    """

    authentication_classes = []
    permission_classes = []

    @extend_schema(
        summary=_("Look at a picture"),
        tags=["media"],
        auth=[],
        responses={(200, "image/*"): bytes, 304: None, 404: failed(404), 500: failed(500)},
    )
    def get(self, request: Request, filename: str) -> HttpResponseBase:
        name = NAME.fullmatch(filename)
        if name is None or not _is_shown(name["folder"], name["token"]):
            raise NoSuchThing
        # Weak where something on the way compressed the picture, or one of several.
        if f'"{name["token"]}"' in request.headers.get("If-None-Match", ""):
            return _cached(HttpResponse(status=304), name["token"])
        content = _read(FOLDERS[name["folder"]] + filename)
        return _cached(HttpResponse(content, KINDS[name["extension"]]), name["token"])


def _read(stored_name: str) -> bytes:
    try:
        with default_storage.open(stored_name) as file:
            return bytes(file.read())
    except FileNotFoundError as error:
        raise NoSuchThing from error


def _is_shown(folder: str, token: str) -> bool:
    return folder == "a" or Media.objects.served().filter(token=token).exists()


def _cached(response: HttpResponseBase, token: str) -> HttpResponseBase:
    """Let browsers keep what never changes; those in between may not, since it is no one else's."""
    patch_cache_control(response, private=True, max_age=A_YEAR, immutable=True)
    response["ETag"] = f'"{token}"'
    response["Content-Security-Policy"] = "default-src 'none'"
    return response
