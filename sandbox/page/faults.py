"""The endpoint that shows and changes the faults."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sandbox.api.errors import Refusal, forbidden, malformed
from sandbox.api.router import read_json
from sandbox.models import Faults
from sandbox.page.endpoints import is_staff_or_debug

GROUPS = {
    "webhook": ("delay_ms", "drop", "duplicate", "reorder"),
    "api": ("rate_429", "rate_500", "timeout", "delay_ms"),
}
MAX_DELAY_MS = 30_000


# Other sites cannot send PUT or DELETE: browsers require a preflight request for them.
@csrf_exempt
@require_http_methods(["GET", "PUT", "DELETE"])
def fault_settings(request: HttpRequest) -> HttpResponse:
    try:
        if not is_staff_or_debug(request):
            raise forbidden(_("On this installation, only staff can change faults."))
        if request.method == "PUT":
            _update(read_json(request))
        elif request.method == "DELETE":
            Faults.objects.all().delete()
    except Refusal as refusal:
        return refusal.response()
    return JsonResponse(_serialize(Faults.current()))


def _serialize(faults: Faults) -> dict[str, dict[str, float]]:
    return {
        group: {name: getattr(faults, f"{group}_{name}") for name in names}
        for group, names in GROUPS.items()
    }


def _update(given: Any) -> None:
    """Set the given faults; the others stay unchanged."""
    faults = Faults.current()
    for group, names in GROUPS.items():
        values = given.get(group, {}) if isinstance(given, dict) else None
        if not isinstance(values, dict):
            raise malformed(group, _("This must be an object."))
        for name in names:
            if name in values:
                setattr(faults, f"{group}_{name}", _check_value(name, values[name]))
    faults.save()


def _check_value(name: str, value: Any) -> float:
    highest = MAX_DELAY_MS if name == "delay_ms" else 1
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= highest:
        raise malformed(name, _("This must be a number within the allowed range."), value)
    return round(value) if name == "delay_ms" else float(value)
