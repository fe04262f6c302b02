"""The interactive API documentation."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.lazy import LazyModule
from twitter.api.authentication import allow_anonymous
from twitter.api.call import Call

# It imports drf-spectacular, which takes long to load.
schema = LazyModule("twitter.api.schema")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "twitter/docs.html")


def open_docs(_request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("docs"))


ROOT_CALL = Call(
    *("GET", "", open_docs, "Open the documentation"),
    permission=allow_anonymous,
    description="Redirects a browser that opens the root of the API to the documentation.",
)


def read_schema(request: HttpRequest) -> HttpResponse:
    response: HttpResponse = schema.read_schema(request)
    return response


SCHEMA_CALL = Call("GET", "schema", read_schema, "Get the schema", permission=allow_anonymous)
"""Not in the table, since the schema is generated from it."""
