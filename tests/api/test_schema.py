"""The schema is whole, and read by those who are signed in, without anything from outside."""

import json

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from cases.workflow import MOVES

pytestmark = pytest.mark.django_db


def test_the_schema_holds_and_names_every_move():
    schema = SchemaGenerator().get_schema(public=True)
    validate_schema(schema)
    for move in MOVES:
        key = "id" if move.subject == "lookback" else "number"
        path = f"/api/v1/{move.subject}s/{{{key}}}/{move.name}/"
        assert "post" in schema["paths"][path], path


def test_every_post_asks_for_a_key_and_every_answer_may_be_an_error():
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    posts = [methods["post"] for methods in paths.values() if "post" in methods]
    assert len(posts) > len(MOVES)
    for post in posts:
        names = {parameter["name"] for parameter in post["parameters"]}
        assert "Idempotency-Key" in names, post["operationId"]
        assert {"400", "401", "403", "404", "409"} <= set(post["responses"]), post["operationId"]


def test_every_list_is_a_page_with_its_filters_and_every_reading_may_be_refused():
    schema = SchemaGenerator().get_schema(public=True)
    reads = {path: methods["get"] for path, methods in schema["paths"].items() if "get" in methods}
    assert all({"400", "401", "403", "404"} <= set(read["responses"]) for read in reads.values())
    answer = reads["/api/v1/cases/"]["responses"]["200"]["content"]["application/json"]["schema"]
    page = schema["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
    assert page["properties"]["results"]["type"] == "array"
    names = {parameter["name"] for parameter in reads["/api/v1/cases/"]["parameters"]}
    assert {"state", "overdue", "after", "before", "page_size"} <= names


def test_every_operation_is_described_in_chinese():
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    for methods in paths.values():
        for operation in methods.values():
            assert not operation["summary"].isascii(), operation["operationId"]


def test_the_schema_is_for_people_and_tokens_that_are_known(api, client):
    assert client.get("/api/schema/").status_code == 401
    token = api("stranger").get("/api/schema/?format=json")
    assert token.status_code == 200
    assert json.loads(token.content)["openapi"].startswith("3.")


def test_the_documentation_page_has_no_inline_script_and_nothing_from_outside(city):
    stranger = Client()
    assert stranger.get("/api/docs/").status_code == 302
    stranger.force_login(city.officer)
    page = stranger.get("/api/docs/").content.decode()
    assert page.count("<script") == page.count("<script src=")
    assert "<style" not in page
    assert "//" not in page.replace("</", "")
    script = stranger.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/schema/" in script.content.decode()
