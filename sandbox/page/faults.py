"""Reading and turning the fault switches."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sandbox.api.router import read_json
from sandbox.errors import Refusal, forbidden, malformed
from sandbox.helper_calls import is_staff_or_debug
from sandbox.models import Faults

GROUPS = {
    "webhook": ("delay_ms", "drop", "duplicate", "reorder"),
    "api": ("rate_429", "rate_500", "timeout", "delay_ms"),
}
LONGEST_DELAY = 30_000


# A page of another site cannot send PUT or DELETE: they are never "simple" requests.
@csrf_exempt
@require_http_methods(["GET", "PUT", "DELETE"])
def switches(request: HttpRequest) -> HttpResponse:
    try:
        if not is_staff_or_debug(request):
            raise forbidden(_("The switches are for staff here."))
        if request.method == "PUT":
            _turn(read_json(request))
        elif request.method == "DELETE":
            Faults.objects.all().delete()
    except Refusal as refusal:
        return refusal.response()
    return JsonResponse(_shown(Faults.current()))


def _shown(faults: Faults) -> dict[str, dict[str, float]]:
    return {
        group: {name: getattr(faults, f"{group}_{name}") for name in names}
        for group, names in GROUPS.items()
    }


def _turn(given: Any) -> None:
    """Set the switches that are given; the others stay."""
    faults = Faults.current()
    for group, names in GROUPS.items():
        values = given.get(group, {}) if isinstance(given, dict) else None
        if not isinstance(values, dict):
            raise malformed(group, _("This must be an object."))
        for name in names:
            if name in values:
                setattr(faults, f"{group}_{name}", _checked(name, values[name]))
    faults.save()


def _checked(name: str, value: Any) -> float:
    highest = LONGEST_DELAY if name == "delay_ms" else 1
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= highest:
        raise malformed(name, _("This must be a number within its range."), value)
    return round(value) if name == "delay_ms" else float(value)
