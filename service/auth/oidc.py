"""Sign-in at an OpenID Connect issuer: authorisation code with PKCE, state and nonce, all of it by Authlib.

What must be remembered between leaving for the issuer and coming back travels in a signed cookie that is good
for ten minutes.
"""

import time
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.starlette_client import OAuth  # type: ignore[import-untyped]
from fastapi import Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc.errors import JoseError

from service.edge import Parts
from service.problems import NotFound, NotSignedIn, Problem
from service.settings import Settings

# Authlib takes httpx2 where it is installed, else httpx.
HTTPError: type[Exception] = import_module("httpx2" if find_spec("httpx2") else "httpx").HTTPError
PATH = "/api/v1/sign-in/oidc"
STATE_COOKIE = "ridealong-oidc"
STATE_SECONDS = 600
METADATA_SECONDS = 3600
# An issuer that lists "none" or a shared secret must not be able to talk us into taking an unsigned token.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)


class IssuerUnreachable(Problem):
    """The issuer doesn't answer as OpenID Connect says."""

    status = HTTPStatus.BAD_GATEWAY
    title = "The sign-in service doesn't answer"


@dataclass(frozen=True, slots=True)
class Claims:
    """What an issuer vouches for. `email` is None unless the issuer says that it was verified."""

    issuer: str
    subject: str
    email: str | None
    name: str


def is_set_up(settings: Settings) -> bool:
    """Whether people can sign in at an issuer."""
    return bool(settings.oidc_issuer and settings.oidc_client_id)


@lru_cache(maxsize=8)
def _client(issuer: str, client_id: str, secret: str | None) -> Any:
    return OAuth().register(
        "oidc",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "timeout": 10},
    )


async def _ready(settings: Settings) -> Any:
    """The client, with the issuer's metadata no older than an hour."""
    if not settings.oidc_issuer or not settings.oidc_client_id:
        raise NotFound("Sign-in by OpenID Connect isn't set up here; sign in by e-mail and password.")
    issuer = settings.oidc_issuer.rstrip("/")
    secret = settings.oidc_client_secret
    client = _client(issuer, settings.oidc_client_id, secret.get_secret_value() if secret else None)
    if client.server_metadata.get("_loaded_at", 0) < time.time() - METADATA_SECONDS:
        client.server_metadata.clear()
    metadata = await client.load_server_metadata()
    if str(metadata.get("issuer", "")).rstrip("/") != issuer:
        client.server_metadata.clear()
        raise IssuerUnreachable(
            f"The issuer calls itself {metadata.get('issuer')!r}; set RIDEALONG_OIDC_ISSUER to that."
        )
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = sorted(ALGORITHMS.intersection(offered)) or ["RS256"]
    return client


async def leave(request: Request, there: Parts, *, back_to: str, invitation: str | None) -> Response:
    """Send the browser to the issuer; `invitation` is the key of one to be used up on return.

    Raises:
        NotFound: no issuer is set up.
        IssuerUnreachable: it doesn't answer.
    """
    request.scope["session"] = {}
    try:
        client = await _ready(there.settings)
        answer: Response = await client.authorize_redirect(
            request, f"{there.settings.address}{PATH}/callback"
        )
    except (HTTPError, ValueError, RuntimeError) as error:
        raise _unreachable(error) from error
    kept = {"oauth": dict(request.session), "back_to": back_to, "invitation": invitation}
    answer.set_cookie(
        STATE_COOKIE,
        _signer(there).dumps(kept),
        max_age=STATE_SECONDS,
        path=PATH,
        secure=there.settings.address.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return answer


async def returned(request: Request, there: Parts) -> tuple[Claims, str, str | None]:
    """Who has come back from the issuer, where they wanted to go, and the key of their invitation.

    Raises:
        NotSignedIn: the issuer refused, or the answer isn't one to a sign-in begun in this browser.
        IssuerUnreachable: it doesn't answer.
    """
    try:
        kept = _signer(there).loads(request.cookies.get(STATE_COOKIE, ""), max_age=STATE_SECONDS)
    except BadSignature:
        raise NotSignedIn(
            "This sign-in wasn't begun in this browser or took over ten minutes; begin again."
        ) from None
    request.scope["session"] = kept["oauth"]
    try:
        client = await _ready(there.settings)
        token = await client.authorize_access_token(request)
        claims = token.get("userinfo")
        if claims is None:
            raise NotSignedIn("The issuer sent no ID token; an administrator must allow the scope openid.")
        if "email" not in claims and "userinfo_endpoint" in client.server_metadata:
            more = await client.userinfo(token=token)
            claims = {**more, **claims} if more.get("sub") == claims["sub"] else claims
    except (AuthlibBaseError, JoseError) as error:
        raise NotSignedIn(f"The sign-in failed ({_brief(error)}); begin again.") from error
    except (HTTPError, ValueError, RuntimeError) as error:
        raise _unreachable(error) from error
    return _read(claims), kept["back_to"], kept["invitation"]


def _read(claims: Any) -> Claims:
    email = str(claims.get("email") or "").strip()
    return Claims(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        email=email if email and claims.get("email_verified") is True else None,
        name="".join(filter(str.isprintable, str(claims.get("name") or email)))[:200],
    )


def _signer(there: Parts) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(there.secret, salt="oidc")


def _unreachable(error: Exception) -> IssuerUnreachable:
    return IssuerUnreachable(
        f"The issuer doesn't answer as it should ({_brief(error)}); try again, or tell an administrator."
    )


def _brief(error: Exception) -> str:
    return " ".join((str(error) or type(error).__name__).split())[:200]
