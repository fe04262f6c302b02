"""Compression of responses where no proxy does it."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressionMiddleware(GZipMiddleware):
    """Does not compress asynchronous streams.

    Django compresses each part of a stream separately, and many clients stop after the first one.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if getattr(response, "is_async", False):
            return response
        return super().process_response(request, response)
