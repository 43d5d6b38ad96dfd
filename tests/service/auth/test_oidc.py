"""Signing in at an OpenID Connect provider, over real HTTP, and what must not get anybody in."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from service.app import create_app
from service.auth.store import key_of
from service.edge import COOKIE
from service.settings import Settings
from tests.service.auth.accounts import API, another
from tests.service.auth.provider import CLIENT, SECRET, Provider, provided
from tests.service.people import People

BEGIN = f"{API}/sign-in/oidc"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with provided() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    """The provider, honest and about to sign in Ann."""
    running.claims = {"sub": "17", "email": "ann@example.com", "email_verified": True, "name": "Ann"}
    running.forged, running.in_userinfo, running.refusal = {}, {}, None
    running.algorithm = "RS256"
    running.shown = running.key
    return running


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    """Settings of a service that trusts the provider."""
    provider.redirects = [f"{settings.address}{BEGIN}/callback"]
    change = {
        "oidc_issuer": f"{provider.issuer}/",
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
    }
    return settings.model_copy(update=change)


def to_provider(client: TestClient, **query: str) -> str:
    """Begin a sign-in and let the provider agree; the address that it sends the browser back to."""
    gone = client.get(BEGIN, params=query, follow_redirects=False)
    assert gone.status_code == 302, gone.text
    back = httpx.get(gone.headers["location"])
    assert back.status_code == 302, back.text
    return back.headers["location"].partition("8731")[2]


def enter(client: TestClient, **query: str) -> Any:
    """Sign in; the last answer, before any redirection."""
    return client.get(to_provider(client, **query), follow_redirects=False)


def test_an_account_is_found_by_its_verified_address_then_by_subject(
    client: TestClient, people: People, provider: Provider
) -> None:
    people.person("Ann")
    answer = enter(client, back_to="/calls?page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/calls?page=2")
    assert client.get(f"{API}/me").json()["name"] == "Ann"
    # Another address at the issuer is still the same person.
    provider.claims = {"sub": "17", "email": "harrow@example.com", "email_verified": True}
    later = another(client)
    assert enter(later).status_code == 303
    assert later.get(f"{API}/me").json()["email"] == "ann@example.com"
    assert client.get(f"{API}/sign-in").json() == {"password": True, "oidc": True}


def test_an_address_that_only_userinfo_knows_counts(
    client: TestClient, people: People, provider: Provider
) -> None:
    people.person("Ann")
    provider.claims = {"sub": "17"}
    provider.in_userinfo = {"sub": "18", "email": "ann@example.com", "email_verified": True}
    assert enter(client).status_code == 401
    provider.in_userinfo["sub"] = "17"
    assert enter(client).status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "eve@example.com"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": None},
    ],
)
def test_no_account_is_made_or_given_for_an_address_alone(
    client: TestClient, people: People, provider: Provider, claims: dict[str, object]
) -> None:
    people.person("Ann")
    provider.claims |= claims
    answer = enter(client)
    assert (answer.status_code, "invitation" in answer.json()["detail"]) == (401, True)
    assert COOKIE not in client.cookies
    assert people.sql("select count(*) from person") == [(1,)]
    assert people.sql("select count(*) from identity") == [(0,)]


def test_an_address_that_went_to_somebody_else_opens_nothing(
    client: TestClient, people: People, provider: Provider
) -> None:
    people.person("Ann")
    assert enter(client).status_code == 303
    provider.claims["sub"] = "99"
    assert enter(another(client)).status_code == 401


def test_somebody_disabled_stays_out(client: TestClient, people: People, provider: Provider) -> None:
    ann = people.person("Ann")
    assert enter(client).status_code == 303
    people.sql("update person set disabled_at = now() where id = %s", ann)
    assert enter(client).status_code == 401
    assert client.get(f"{API}/me").status_code == 401


@pytest.mark.parametrize(
    "forged",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"iss": "https://elsewhere.example.com"},
        {"exp": 1_000_000_000},
    ],
)
def test_an_id_token_for_another_purpose_is_refused(
    client: TestClient, people: People, provider: Provider, forged: dict[str, object]
) -> None:
    people.person("Ann")
    provider.forged = forged
    answer = enter(client)
    assert (answer.status_code, "begin again" in answer.json()["detail"]) == (401, True)


def test_an_id_token_by_another_key_is_refused(
    client: TestClient, people: People, provider: Provider
) -> None:
    people.person("Ann")
    own, provider.key = provider.key, RSAKey.generate_key(2048, parameters={"kid": "first"})
    assert enter(client).status_code == 401
    provider.key = own
    assert enter(client).status_code == 303


def test_a_provider_may_change_its_key(client: TestClient, people: People, provider: Provider) -> None:
    people.person("Ann")
    assert enter(client).status_code == 303
    provider.key = provider.shown = RSAKey.generate_key(2048, parameters={"kid": "second"})
    assert enter(another(client)).status_code == 303


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_an_unsigned_or_shared_secret_token_is_refused(
    client: TestClient, people: People, provider: Provider, algorithm: str
) -> None:
    people.person("Ann")
    provider.algorithm = algorithm
    assert enter(client).status_code == 401


def test_a_return_must_belong_to_a_sign_in_of_this_browser(
    client: TestClient, people: People, provider: Provider
) -> None:
    people.person("Ann")
    victim = another(client)
    eves = to_provider(client)
    assert victim.get(eves, follow_redirects=False).status_code == 401
    to_provider(victim)
    assert victim.get(eves, follow_redirects=False).status_code == 401
    assert client.get(f"{BEGIN}/callback", follow_redirects=False).status_code == 401
    assert COOKIE not in victim.cookies


def test_a_return_works_once(client: TestClient, people: People, provider: Provider) -> None:
    people.person("Ann")
    back = to_provider(client)
    assert client.get(back, follow_redirects=False).status_code == 303
    assert client.get(back, follow_redirects=False).status_code == 401


def test_a_refusal_at_the_provider_is_told(client: TestClient, people: People, provider: Provider) -> None:
    provider.refusal = "access_denied"
    answer = enter(client)
    assert (answer.status_code, "access_denied" in answer.json()["detail"]) == (401, True)


@pytest.mark.parametrize(
    "back_to", ["https://evil.example", "//evil.example", "/\\evil.example", "/a\nb", "x"]
)
def test_nobody_is_sent_elsewhere(
    client: TestClient, people: People, provider: Provider, back_to: str
) -> None:
    answer = client.get(BEGIN, params={"back_to": back_to}, follow_redirects=False)
    assert answer.status_code == 422


def test_an_invitation_ties_another_address_to_the_account(
    client: TestClient, people: People, provider: Provider
) -> None:
    ann = people.person("Ann")
    root = people.signed_in(people.person("Root", administrator=True))
    secret = root.post(f"{API}/people/{ann}/invitation").json()["link"].rpartition("/")[2]
    provider.claims |= {"sub": "5", "email": "private@example.org"}
    assert enter(client, invitation=secret).status_code == 303
    assert client.get(f"{API}/me").json()["email"] == "ann@example.com"
    again = client.get(BEGIN, params={"invitation": secret}, follow_redirects=False)
    assert again.status_code == 404


def test_the_first_administrator_may_come_by_the_issuer(
    client: TestClient, people: People, provider: Provider
) -> None:
    people.sql(
        "insert into invitation (key, expires_at) values (%s, now() + interval '1 day')", key_of("first")
    )
    provider.claims["email_verified"] = False
    assert enter(client, invitation="first").status_code == 422
    provider.claims["email_verified"] = True
    assert enter(client, invitation="first").status_code == 303
    me = client.get(f"{API}/me").json()
    assert (me["name"], me["email"], me["administrator"]) == ("Ann", "ann@example.com", True)


def test_where_the_issuer_is_gone_one_line_says_so(
    client: TestClient, settings: Settings, provider: Provider, database_url: str
) -> None:
    gone = settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:1"})
    named = settings.model_copy(update={"oidc_issuer": provider.issuer.replace("127.0.0.1", "localhost")})
    for wrong, said in ((gone, "doesn't answer"), (named, "RIDEALONG_OIDC_ISSUER")):
        with TestClient(create_app(wrong, database_url), raise_server_exceptions=False) as other:
            answer = other.get(BEGIN, follow_redirects=False)
            assert answer.status_code == 502
            assert said in answer.json()["detail"]
