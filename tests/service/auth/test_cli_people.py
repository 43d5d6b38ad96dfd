"""`ridealong user`: accounts from the command line, on the service's own database."""

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from models.errors import CallError
from service.cli_people import user
from tests.service.auth.accounts import API, OTHER, another, enter, with_password
from tests.service.people import People


@pytest.fixture(autouse=True)
def same_database(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("RIDEALONG_DATABASE_URL", database_url)


def run(*words: str) -> Result:
    return CliRunner().invoke(user, words)


def test_a_person_is_added_with_a_part_and_comes_in_by_the_link(client: TestClient, people: People) -> None:
    made = run("add", "ann@example.com", "--name", "Ann Harrow", "--team", "North", "--role", "rep")
    assert made.exit_code == 0, made.exception
    body = {"secret": made.stdout.strip().rpartition("/")[2], "password": OTHER}
    assert client.post(f"{API}/invitations/accept", json=body).status_code == 200
    me = client.get(f"{API}/me").json()
    assert (me["name"], me["administrator"]) == ("Ann Harrow", False)
    assert [(team["name"], team["roles"]) for team in me["teams"]] == [("North", ["rep"])]
    assert (
        run("add", "Bob@example.com", "--administrator", "--team", "north", "--role", "manager").exit_code
        == 0
    )
    listed = run("list").stdout.splitlines()[1:]
    assert [" ".join(line.split()) for line in listed] == [
        "ann@example.com Ann Harrow North: rep",
        "Bob@example.com Bob North: manager administrator",
    ]


def test_a_forgotten_password_is_set_anew(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    link = run("invite", "ANN@example.com").stdout.strip()
    body = {"secret": link.rpartition("/")[2], "password": OTHER}
    assert client.post(f"{API}/invitations/accept", json=body).status_code == 200
    assert enter(another(client), "ann", OTHER).status_code == 200


def test_somebody_is_disabled_and_enabled(client: TestClient, people: People) -> None:
    with_password(people, "Ann")
    enter(client, "ann")
    assert run("disable", "ann@example.com").exit_code == 0
    assert client.get(f"{API}/me").status_code == 401
    assert "disabled" in run("list").stdout
    assert run("enable", "ann@example.com").exit_code == 0
    assert enter(client, "ann").status_code == 200


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "ann@example.com"), "another account"),
        (("add", "no address"), "e-mail address"),
        (("add", "bob@example.com", "--team", "North"), "--role"),
        (("disable", "bob@example.com"), "no such account"),
        (("invite", "bob@example.com"), "no such account"),
        (("disable", "root@example.com"), "no administrator left"),
    ],
)
def test_what_can_t_be_done_is_said_in_one_line(people: People, words: tuple[str, ...], said: str) -> None:
    people.person("Ann")
    people.person("Root", administrator=True)
    done = run(*words)
    assert isinstance(done.exception, CallError)
    assert said in str(done.exception)
    assert "\n" not in str(done.exception)
