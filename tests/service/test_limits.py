"""What a request may hold where no file is taken."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from service.limits import MOST, SmallBodies


@pytest.fixture
def limited(client: TestClient) -> TestClient:
    made = TestClient(SmallBodies(client.app), raise_server_exceptions=False)
    made.portal = client.portal
    return made


JSON = {"Content-Type": "application/json"}


def test_a_body_that_is_no_file_is_not_read_to_its_end(limited: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(2 * MOST // 2**20):
            yield b"a" * 2**20

    for content in (pieces(), b"a" * (MOST + 1)):
        answer = limited.post("/api/v1/sign-in", content=content, headers=JSON)
        assert answer.status_code == 413, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


def test_other_bodies_and_files_go_through(limited: TestClient) -> None:
    person = {"email": "ann@example.com", "password": "four unlikely words here"}
    assert limited.post("/api/v1/sign-in", json=person).status_code == 401
    large = limited.patch("/api/v1/uploads/none", content=b"a" * (MOST + 1))
    assert large.status_code != 413


def test_a_form_with_a_recording_goes_through_without_a_script(limited: TestClient) -> None:
    for path in ("/calls/upload", "/practice/scenarios/none/upload"):
        assert limited.post(path, files={"files": ("a.wav", b"a" * (MOST + 1))}).status_code != 413
