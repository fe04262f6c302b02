"""A company's own apps, named in SVYAZ_APPS: their settings and pages."""

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from core.settings.environment import Misconfigured

EXTENDABLE = ("INSTALLED_APPS", "MIDDLEWARE")


def package_of(app: str) -> str:
    """Return the package of an entry of INSTALLED_APPS: "acme", also of "acme.apps.AcmeConfig"."""
    return re.sub(r"\.apps\.\w+$", "", app)


def read_settings(apps: Iterable[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the `settings` modules of `apps` add to `settings`.

    Lists in EXTENDABLE are appended to. Raises Misconfigured for a setting that is there already:
    those are set by the environment.
    """
    added: dict[str, Any] = {}
    for app in apps:
        module = f"{package_of(app)}.settings"
        if not _exists(module):
            continue
        for name, value in vars(import_module(module)).items():
            if not name.isupper():
                continue
            if name in EXTENDABLE:
                added[name] = [*added.get(name, settings[name]), *value]
            elif name in settings or name in added:
                raise Misconfigured(
                    f"{module} sets {name}, which is set already. Choose another name, or set the"
                    " environment variable that it comes from."
                )
            else:
                added[name] = value
    return added


def find_urls(apps: Iterable[str]) -> dict[str, str]:
    """Return the URL modules of those `apps` that have one, by the path to mount each at."""
    modules = {package_of(app): f"{package_of(app)}.urls" for app in apps}
    return {
        f"{package.rpartition('.')[2]}/": module
        for package, module in modules.items()
        if _exists(module)
    }


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        package = module.rpartition(".")[0]
        raise Misconfigured(
            f"SVYAZ_APPS names {package}, which cannot be imported. Is SVYAZ_APPS_PATH right?"
        ) from None
