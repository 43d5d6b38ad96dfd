"""The ground that all slices stand on: database, permissions, queue, storage, application."""

from fastapi.testclient import TestClient

from tests.service.people import People


def test_the_application_starts_on_a_fresh_database(client: TestClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "Ridealong"


def test_a_stranger_gets_a_problem_document(client: TestClient, people: People) -> None:
    answer = client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
