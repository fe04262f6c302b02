"""A check of the imports between the modules of a package."""

import graphlib

import grimp


def find_import_cycle(package: str, *, without_types: bool) -> list[str]:
    """Return modules that import each other, or an empty list if there is no cycle.

    `without_types` leaves out imports under `if TYPE_CHECKING`.
    """
    graph = grimp.build_graph(package, exclude_type_checking_imports=without_types, cache_dir=None)
    executed_by = {
        module: {
            executed
            for imported in graph.find_modules_directly_imported_by(module)
            for executed in {imported, *_parents(imported)} - {module, *_parents(module)}
        }
        for module in graph.modules
    }
    try:
        graphlib.TopologicalSorter(executed_by).prepare()
    except graphlib.CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle
    return []


def _parents(module: str) -> set[str]:
    """Return the packages whose `__init__` an import of the module executes first."""
    parts = module.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts))}
