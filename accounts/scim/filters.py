"""SCIM filters and sort orders as conditions of Django's ORM.

A filter matches what `scim2_models.ScimFilter.match` matches: an attribute without a value is not
equal to any value, and a multi-valued attribute matches if one of its values does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from scim2_models import InvalidFilterException, InvalidPathException, ScimFilter, SearchRequest
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
    coerce_value,
)

from accounts.scim.models import ScimEmail
from core.storable import storable
from twitter.models import User
from twitter.text.normal import fold_username

EVERYTHING, NOTHING = Q(pk__isnull=False), Q(pk__isnull=True)

LOOKUPS = {
    CompareOperator.eq: "iexact",
    CompareOperator.ne: "iexact",
    CompareOperator.co: "icontains",
    CompareOperator.sw: "istartswith",
    CompareOperator.ew: "iendswith",
    CompareOperator.gt: "gt",
    CompareOperator.ge: "gte",
    CompareOperator.lt: "lt",
    CompareOperator.le: "lte",
}


class Kind(Enum):
    """How the values of a column are compared."""

    TEXT = auto()  # ignoring case; "" stands for no value
    EXACT = auto()
    FOLDED = auto()  # as TEXT, in a column that holds the folded form
    FLAG = auto()
    TIME = auto()
    ID = auto()


@dataclass(frozen=True)
class Column:
    """Where an attribute is stored."""

    path: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Table:
    """The columns of a resource type or of a multi-valued attribute, and the rows to look in.

    Attributes are named as in Python: "user_name", "name.given_name".
    """

    columns: Mapping[str, Column]
    children: Mapping[str, "Table"] = field(default_factory=dict)
    rows: "QuerySet[Any] | None" = None


META = {
    "id": Column("scim_id", Kind.ID),
    "external_id": Column("external_id", Kind.EXACT),
    "meta.created": Column("created_at", Kind.TIME),
    "meta.last_modified": Column("updated_at", Kind.TIME),
}
MEMBERSHIPS = User.groups.through._default_manager


def users() -> Table:
    """Return where the attributes of users are stored."""
    emails = Table(
        {
            "value": Column("value"),
            "type": Column("type"),
            "primary": Column("is_primary", Kind.FLAG),
        },
        rows=ScimEmail.objects.filter(user=OuterRef("pk")),
    )
    groups = Table(
        {
            "value": Column("group__scim__scim_id", Kind.ID),
            "display": Column("group__scim__display_name"),
        },
        rows=MEMBERSHIPS.filter(user=OuterRef("person"), group__scim__isnull=False),
    )
    columns = {
        **META,
        "user_name": Column("user_name_folded", Kind.FOLDED),
        "display_name": Column("display_name"),
        "name.formatted": Column("formatted_name"),
        "name.given_name": Column("given_name"),
        "name.family_name": Column("family_name"),
        "active": Column("person__is_active", Kind.FLAG),
    }
    return Table(columns, {"emails": emails, "groups": groups})


def groups() -> Table:
    """Return where the attributes of groups are stored."""
    members = Table(
        {"value": Column("user__scim__scim_id", Kind.ID)},
        rows=MEMBERSHIPS.filter(
            group=OuterRef("group"), user__scim__isnull=False, user__scim__ended_at=None
        ),
    )
    columns = {**META, "display_name": Column("display_name_folded", Kind.FOLDED)}
    return Table(columns, {"members": members})


TABLES = {"User": users, "Group": groups}


class Translator(FilterVisitor[Q]):
    """Translates the nodes of a filter; inside a value selection, of the attribute `within`."""

    def __init__(
        self, scim_filter: ScimFilter[Any], table: Table, within: AttrPath | None = None
    ) -> None:
        self.scim_filter = scim_filter
        self.table = table
        self.within = within

    def visit_comparison(self, node: Comparison) -> Q:
        path = self._path(node.attr_path)
        binding = self.scim_filter.resolve_comparison(path)
        if binding is None:
            raise unsupported(node)
        value = coerce_value(binding, node.value, node.op)
        if isinstance(value, str) and value != storable(value):
            return EVERYTHING if node.op is CompareOperator.ne else NOTHING
        names = binding.field_name, binding.sub_field_name
        child = self.table.children.get(names[0]) if self.within is None else None
        if child is None:
            return condition(self._column(node, names), node.op, value)
        column = child.columns.get(names[1] or "value")
        if column is None:
            raise unsupported(node)
        return some_value(child, column, node.op, value)

    def visit_present(self, node: Present) -> Q:
        binding = self.scim_filter.resolve(self._path(node.attr_path))
        if binding is None:
            raise unsupported(node)
        names = binding.field_name, binding.sub_field_name
        child = self.table.children.get(names[0]) if self.within is None else None
        if child is not None:
            has_value = present(child.columns[names[1]]) if names[1] else EVERYTHING
            return Q(_exists(child, has_value))
        if names[1] is None and self.within is None:
            parts = [
                column
                for name, column in self.table.columns.items()
                if name == names[0] or name.startswith(f"{names[0]}.")
            ]
            if not parts:
                raise unsupported(node)
            return _any(present(column) for column in parts)
        return present(self._column(node, names))

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        terms = [self.visit(term) for term in node.terms]
        if node.op is LogicalOperator.or_:
            return _any(terms)
        found = terms[0]
        for term in terms[1:]:
            found &= term
        return found

    def visit_value_path(self, node: ValuePath) -> Q:
        binding = self.scim_filter.resolve(node.attr_path)
        child = self.table.children.get(binding.field_name) if binding else None
        if child is None or self.within is not None:
            raise unsupported(node)
        inner = Translator(self.scim_filter, child, within=node.attr_path)
        return Q(_exists(child, inner.visit(node.val_filter)))

    def _path(self, path: AttrPath) -> AttrPath:
        """Return the path from the resource on."""
        if self.within is None:
            return path
        if path.sub_attr is not None or path.uri is not None:
            raise unsupported(path)
        return AttrPath(self.within.attr, path.attr, self.within.uri)

    def _column(self, node: Any, names: tuple[str, str | None]) -> Column:
        name = names[1] if self.within is not None else ".".join(filter(None, names))
        column = self.table.columns.get(name or "")
        if column is None:
            raise unsupported(node)
        return column


def unsupported(node: Any) -> InvalidFilterException:
    """Return the error for a part of a filter that cannot be looked up."""
    return InvalidFilterException(detail=f"The filter '{node}' is not supported")


def some_value(child: Table, column: Column, op: CompareOperator, value: Any) -> Q:
    """Compare a multi-valued attribute: one value must match, or for `ne` none may be equal."""
    if value is None:
        empty = ~Q(_exists(child, EVERYTHING)) | Q(_exists(child, ~present(column)))
        return {CompareOperator.eq: empty, CompareOperator.ne: ~empty}.get(op, NOTHING)
    if op is CompareOperator.ne:
        return ~Q(_exists(child, condition(column, CompareOperator.eq, value)))
    return Q(_exists(child, condition(column, op, value)))


def condition(column: Column, op: CompareOperator, value: Any) -> Q:
    """Compare a column with a value; without a value of its own it is only not equal to one."""
    if value is None:
        missing = ~present(column)
        return {CompareOperator.eq: missing, CompareOperator.ne: ~missing}.get(op, NOTHING)
    if op is CompareOperator.ne:
        return ~(present(column) & _equality(column, value))
    if op is CompareOperator.eq:
        return present(column) & _equality(column, value)
    return present(column) & _order_or_part(column, op, value)


def present(column: Column) -> Q:
    """Return whether a column has a value."""
    if column.kind in (Kind.TEXT, Kind.EXACT):
        return ~Q(**{column.path: ""})
    return Q(**{f"{column.path}__isnull": False})


def _equality(column: Column, value: Any) -> Q:
    match column.kind:
        case Kind.ID:
            number = _uuid(value)
            return Q(**{column.path: number}) if number else NOTHING
        case Kind.TEXT:
            return Q(**{f"{column.path}__iexact": value})
        case Kind.FOLDED:
            return Q(**{column.path: fold_username(value)})
        case Kind.TIME:
            return Q(**{column.path: _time(value)})
    return Q(**{column.path: value})


def _order_or_part(column: Column, op: CompareOperator, value: Any) -> Q:
    lookup = LOOKUPS[op]
    if column.kind is Kind.TIME and isinstance(value, datetime):
        return Q(**{f"{column.path}__{lookup}": _time(value)})
    if column.kind in (Kind.TIME, Kind.ID, Kind.FLAG):
        raise InvalidFilterException(detail=f"The operator '{op.value}' is not supported here")
    if not isinstance(value, str):
        return NOTHING
    if column.kind is Kind.FOLDED:
        value = fold_username(value)
    if column.kind is Kind.EXACT:
        lookup = lookup.removeprefix("i")
    return Q(**{f"{column.path}__{lookup}": value})


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        return None


def _time(value: datetime) -> datetime:
    """Return a time in UTC, which it is in if it names no zone."""
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError as error:
        raise InvalidFilterException(detail="The time is beyond the calendar") from error


def _exists(child: Table, inner: Q) -> Exists:
    assert child.rows is not None  # noqa: S101  only resource types have none
    return Exists(child.rows.filter(inner))


def _any(terms: Any) -> Q:
    found: Q | None = None
    for term in terms:
        found = term if found is None else found | term
    return found if found is not None else NOTHING


def filtered(rows: QuerySet[Any], request: SearchRequest[Any], name: str) -> QuerySet[Any]:
    """Return the rows of a resource type that a search asks for, in its order."""
    table = TABLES[name]()
    if request.filter is not None:
        rows = rows.filter(Translator(request.filter, table).visit(request.filter.ast))
    if request.sort_by is None:
        return rows.order_by("pk")
    binding = request.sort_by.resolve()
    name = ".".join(filter(None, [binding.field_name, binding.sub_field_name])) if binding else ""
    column = table.columns.get(name)
    if column is None:
        raise InvalidPathException(detail=f"Sorting by '{request.sort_by}' is not supported")
    return _sorted(rows, column, request.sort_order == SearchRequest.SortOrder.descending)


def _sorted(rows: QuerySet[Any], column: Column, is_descending: bool) -> QuerySet[Any]:
    """Sort by a column: rows without a value come last, or first in descending order."""
    value: Any = Lower(column.path) if column.kind is Kind.TEXT else F(column.path)
    is_missing = Case(When(present(column), then=Value(0)), default=Value(1))
    order = [is_missing, value]
    return rows.order_by(*(each.desc() if is_descending else each.asc() for each in order), "pk")
