"""The API described: the stored description is that of the application, and says what each operation is and takes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from api.openapi import EXAMPLES, JSON, describe, text_of
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.world import Service

STORED = Path(__file__).parents[3] / "docs" / "openapi.json"
DOCUMENT = describe()


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}", operation


OPERATIONS = dict(_operations())
BODIES = [
    (operation["operationId"], media_type, content)
    for operation in OPERATIONS.values()
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items()
]


def _resolved(value: Any) -> Any:
    """Return a schema with the schemas that it refers to."""
    return {**value, "components": DOCUMENT["components"]}


def test_the_stored_description_is_that_of_the_application() -> None:
    assert STORED.read_text("utf-8") == text_of(DOCUMENT), "the API has changed: make openapi"


def test_what_is_stored_names_neither_hosts_nor_folders() -> None:
    text = STORED.read_text("utf-8")
    assert "servers" not in DOCUMENT
    for words in ("127.0.0.1", "localhost", str(Path.home()), str(STORED.parents[1])):
        assert words not in text


def test_every_tag_is_described_and_used() -> None:
    described = [tag["name"] for tag in DOCUMENT["tags"]]
    used = {tag for operation in OPERATIONS.values() for tag in operation["tags"]}
    assert Counter(described) == Counter(used)
    assert all(tag["description"] for tag in DOCUMENT["tags"])


@pytest.mark.parametrize("route", OPERATIONS)
def test_every_operation_says_what_it_is(route: str) -> None:
    operation = OPERATIONS[route]
    assert operation["operationId"]
    assert len(operation["tags"]) == 1
    assert operation["summary"]
    assert not operation["summary"].istitle(), "that is the name of a function"
    assert all(p.get("schema") is not None for p in operation.get("parameters", ()))


def test_operation_ids_are_given_once() -> None:
    counts = Counter(operation["operationId"] for operation in OPERATIONS.values())
    assert max(counts.values()) == 1
    assert set(EXAMPLES) <= set(counts)


@pytest.mark.parametrize(("name", "media_type", "content"), BODIES, ids=[f"{n} {m}" for n, m, _ in BODIES])
def test_every_body_that_is_sent_has_an_example_that_is_valid(
    name: str, media_type: str, content: dict[str, Any]
) -> None:
    schema = content["schema"]
    if media_type != JSON:
        assert schema["type"] == "string", "a file"
        return
    target = schema
    if "$ref" in schema:
        target = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    example = content.get("example", target.get("example"))
    assert example, name
    jsonschema_rs.validator_for(_resolved(schema), validate_formats=True).validate(example)


def test_everything_referred_to_is_there() -> None:
    referred = {line.split('"')[3] for line in STORED.read_text("utf-8").splitlines() if '"$ref": "' in line}
    for pointer in referred:
        value: Any = DOCUMENT
        for part in pointer.removeprefix("#/").split("/"):
            value = value[part]
    assert len(referred) > 50


@ON_ONE_DATABASE
def test_the_service_serves_what_is_stored(service: Service) -> None:
    assert json.dumps(service.anonymous.get("/openapi.json").json(), sort_keys=True) == json.dumps(
        DOCUMENT, sort_keys=True
    )
