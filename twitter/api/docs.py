"""The description of the API: for programs, and as a page to try it on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from twitter.api.schema import schema_in
from twitter.api.views import ContractView


class Schema(ContractView):
    authentication_classes = []
    permission_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(schema_in(get_language() or "en"))


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "twitter/docs.html")
