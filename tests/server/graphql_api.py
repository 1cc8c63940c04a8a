"""GraphQL in, GraphQL out: what W&B would refuse for its form is refused here with a status of 400."""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    assert_object_type,
    assert_scalar_type,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from tests.server.filters import FilterError


class Answer(NamedTuple):
    """A status and the JSON document that goes with it."""

    status: int
    body: dict[str, Any]


class _Query(NamedTuple):
    name: str
    document: DocumentNode | None
    errors: list[GraphQLError]


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise GraphQLError(f"Int64 cannot represent {value!r}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError(f"JSONString cannot represent {value!r}")
    return value


@cache
def _schema(missing: frozenset[str]) -> GraphQLSchema:
    """The schema without the fields `missing`, such as `Run.parquetHistory`."""
    schema = build_schema((Path(__file__).parent / "schema.graphql").read_text())
    for name in missing:
        kind, _, field = name.partition(".")
        del assert_object_type(schema.type_map[kind]).fields[field]
    # The schema language cannot say how a custom scalar is read; graphql-core 3.2 and 3.3 look in different places.
    for name, read in (("Int64", _integer), ("JSONString", _text)):
        scalar = assert_scalar_type(schema.type_map[name])
        scalar.parse_value = scalar.coerce_input_value = read  # type: ignore[method-assign]
    return schema


@lru_cache(maxsize=256)
def _understood(text: str, missing: frozenset[str]) -> _Query:
    try:
        document = parse(text)
    except GraphQLError as error:
        return _Query("", None, [error])
    names = [
        node.name.value for node in document.definitions if isinstance(node, OperationDefinitionNode) and node.name
    ]
    return _Query(names[0] if names else "", document, validate(_schema(missing), document))


def operation_name(text: str) -> str:
    """The name of the first operation of a query; empty where it has none."""
    return _understood(text, frozenset()).name


def execute(text: str, variables: Mapping[str, Any], root: object, missing: frozenset[str] = frozenset()) -> Answer:
    """Answer one query, with fields `missing` that this server is too old for.

    Returns:
        200 with what was asked for; 400 where the query doesn't fit the schema or a filter makes no sense; 500 where
        a resolver failed, which is a defect of this server.
    """
    query = _understood(text, missing)
    if query.document is None or query.errors:
        return Answer(400, {"errors": [error.formatted for error in query.errors]})
    answer = execute_sync(_schema(missing), query.document, root, variable_values=dict(variables))
    if not answer.errors:
        return Answer(200, {"data": answer.data})
    refused = all(isinstance(error.original_error, FilterError | GraphQLError | None) for error in answer.errors)
    return Answer(400 if refused else 500, {"errors": [error.formatted for error in answer.errors]})
