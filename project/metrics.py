"""What Prometheus reads at /metrics.

Every app may have a `metrics.py`, found by itself, that registers its metrics with
`prometheus_client`. Whatever follows from rows is best a collector that counts them when it is
asked: it then tells of the whole house. Counters and histograms tell of the web process that
answers.
"""

from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

SCHEME = "Bearer "


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer whoever shows METRICS_TOKEN, and people of the admin panel."""
    if not (_shows_the_token(request) or _is_staff(request)):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return HttpResponse(encode(REGISTRY), content_type=content_type)


def _shows_the_token(request: HttpRequest) -> bool:
    shown = request.headers.get("authorization", "").removeprefix(SCHEME)
    token: str = settings.METRICS_TOKEN
    return bool(token) and compare_digest(shown.encode(), token.encode())


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_active and request.user.is_staff
