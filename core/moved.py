"""Import hook for moved modules: former paths work for a release, with a DeprecationWarning."""

import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_loader
from pkgutil import resolve_name
from types import ModuleType


class MovedModules(MetaPathFinder, Loader):
    """Imports a former path as the module at its present path, not as a copy of it.

    `moved` maps former paths to present ones: "package.module", or "package.module:name" for a
    module that was imported for a single name. Importing one issues a DeprecationWarning that ends
    with `advice`. `packages` maps packages that have moved with every module in them. Paths in
    `permanent` are imported without a warning.
    """

    def __init__(
        self,
        moved: Mapping[str, str],
        advice: str,
        *,
        packages: Mapping[str, str] | None = None,
        permanent: Mapping[str, str] | None = None,
    ) -> None:
        self._packages = packages or {}
        self._permanent = permanent or {}
        self._moved = {**self._packages, **moved, **self._permanent}
        self._advice = advice

    def install(self) -> None:
        """Make the former paths importable.

        The hook goes first: Python's own finder would load a second copy of a module in a moved
        package, because it gets the directory from the package.
        """
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Implement `MetaPathFinder.find_spec` for former paths."""
        present = self._find_present_path(fullname)
        exists = present and (":" in present or find_spec(present))
        return spec_from_loader(fullname, self) if exists else None

    def exec_module(self, module: ModuleType) -> None:
        """Replace the module that the import system has created by the one at the present path."""
        former = module.__name__
        present = self._find_present_path(former)
        assert present is not None  # noqa: S101  find_spec() has found it
        if former not in self._permanent:
            message = f"{former} has moved to {present}. {self._advice}".rstrip()
            warnings.warn(message, DeprecationWarning, stacklevel=2)
        sys.modules[former] = resolve_name(present)

    def _find_present_path(self, former: str) -> str | None:
        if former in self._moved:
            return self._moved[former]
        package, _, module = former.rpartition(".")
        return f"{self._packages[package]}.{module}" if package in self._packages else None
