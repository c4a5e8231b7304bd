"""What a document costs before it is run, counted as GitLab counts, and the two ceilings it must stay below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    get_named_type,
)
from graphql.utilities import value_from_ast_untyped

MAX_COMPLEXITY = 250
MAX_DEPTH = 20
MAX_PAGE = 100
_MARKS = "marks"
Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cost:
    complexity: int
    depth: int

    def refusal(self) -> str | None:
        if self.depth > MAX_DEPTH:
            return f"Query has depth of {self.depth}, which exceeds max depth of {MAX_DEPTH}"
        if self.complexity > MAX_COMPLEXITY:
            return f"Query has complexity of {self.complexity}, which exceeds max complexity of {MAX_COMPLEXITY}"
        return None


@dataclass(slots=True)
class _Asked:
    """One field of an answer, wherever in the document it is asked for: arguments of the first, selections of all."""

    node: FieldNode
    below: list[SelectionNode] = field(default_factory=list)


class _Count:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Variables) -> None:
        self._schema = schema
        self._variables = dict(variables)
        parts = document.definitions
        self._fragments = {each.name.value: each for each in parts if isinstance(each, FragmentDefinitionNode)}

    def selections(self, kind: GraphQLNamedType | None, nodes: Sequence[SelectionNode]) -> tuple[float, int]:
        """Cost and depth of what is selected on one type."""
        asked: dict[tuple[str, str], _Asked] = {}
        for owner, node in self._fields(kind, nodes):
            key = (owner.name, node.alias.value if node.alias else node.name.value)
            found = asked.setdefault(key, _Asked(node))
            found.below += node.selection_set.selections if node.selection_set else ()
        costs = [self._field(self._schema.type_map[owner], each) for (owner, _), each in asked.items()]
        return sum(cost for cost, _ in costs), max((depth for _, depth in costs), default=0)

    def _fields(
        self, kind: GraphQLNamedType | None, nodes: Sequence[SelectionNode]
    ) -> Iterator[tuple[GraphQLNamedType, FieldNode]]:
        for node in nodes:
            if self._skipped(node) or kind is None:
                continue
            if isinstance(node, FieldNode):
                yield kind, node
            elif isinstance(node, InlineFragmentNode):
                named = self._schema.type_map[node.type_condition.name.value] if node.type_condition else kind
                yield from self._fields(named, node.selection_set.selections)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                named = self._schema.type_map[fragment.type_condition.name.value]
                yield from self._fields(named, fragment.selection_set.selections)

    def _field(self, owner: GraphQLNamedType, asked: _Asked) -> tuple[float, int]:
        known = owner.fields.get(asked.node.name.value) if isinstance(owner, GraphQLObjectType | GraphQLInterfaceType) else None
        if known is None:  # __typename
            return 1, 1
        below, depth = self.selections(get_named_type(known.type), asked.below)
        arguments = self._arguments(asked.node) if asked.node.arguments else {}
        return _cost(known, arguments, below), depth + 1

    def _arguments(self, node: FieldNode) -> dict[str, Any]:
        return {each.name.value: value_from_ast_untyped(each.value, self._variables) for each in node.arguments or ()}

    def _skipped(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            told = [value_from_ast_untyped(each.value, self._variables) for each in directive.arguments or ()]
            if told == [directive.name.value == "skip"]:
                return True
        return False


def _cost(known: GraphQLField, arguments: Mapping[str, Any], below: float) -> float:
    """A constant and what is below, or for resolvers more with each item that the page may hold."""
    marks = _marks(known)
    if "complexity" in marks:
        return below + float(marks["complexity"][0])
    own = 1 + ("gitaly" in marks)
    if "resolver" not in marks:
        return below + own
    own += bool(arguments.get("sort")) + 5 * bool(arguments.get("search")) + len(arguments.get("paths") or ())
    whole = below + own
    if "first" in known.args and not arguments.get("iids"):
        size = min(each for each in (arguments.get("first"), arguments.get("last"), MAX_PAGE) if each is not None)
        whole += int(whole * size) / 100
    return int(whole)


def _marks(known: GraphQLField) -> dict[str, list[Any]]:
    """The directives that the schema put on the field, read once: the schema outlives every query."""
    if _MARKS not in known.extensions:
        written = known.ast_node.directives or () if known.ast_node else ()
        marks = {each.name.value: [value_from_ast_untyped(a.value) for a in each.arguments or ()] for each in written}
        known.extensions[_MARKS] = marks
    found: dict[str, list[Any]] = known.extensions[_MARKS]
    return found


def cost_of(schema: GraphQLSchema, document: DocumentNode, variables: Variables, name: str | None) -> Cost:
    """Of the operation that will run. `variables` are as sent; defaults are the document's."""
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    chosen = next((each for each in operations if name is None or (each.name and each.name.value == name)), None)
    if chosen is None:
        return Cost(0, 0)
    defaults = {
        each.variable.name.value: value_from_ast_untyped(each.default_value)
        for each in chosen.variable_definitions or ()
        if each.default_value
    }
    counted = _Count(schema, document, {**defaults, **variables})
    complexity, depth = counted.selections(schema.query_type, chosen.selection_set.selections)
    return Cost(int(complexity), depth)
