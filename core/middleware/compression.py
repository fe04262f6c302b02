"""Answers made smaller, where no proxy does it."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressionOfWholes(GZipMiddleware):
    """Leaves live streams as they are.

    Django compresses each of their parts by itself; many clients read the first one and stop.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if getattr(response, "is_async", False):
            return response
        return super().process_response(request, response)
