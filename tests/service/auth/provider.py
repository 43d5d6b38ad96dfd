"""A small OpenID Connect provider over real HTTP: discovery, authorisation code with PKCE, signed ID tokens.

It holds to what a provider must check (RFC 6749, RFC 7636, OpenID Connect Core) and
signs in whoever it is told to.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "ridealong"
SECRET = "of the client"  # noqa: S105


class Provider:
    """What the provider says next: `claims` of whom it signs in; the rest lets it be spoilt."""

    def __init__(self) -> None:
        self.issuer = ""
        self.claims: dict[str, Any] = {}
        self.forged: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.in_userinfo: dict[str, Any] = {}
        self.refusal: str | None = None
        self.key = RSAKey.generate_key(2048, parameters={"kid": "first"})
        self.shown = self.key
        self.codes: dict[str, dict[str, str]] = {}
        self.redirects: list[str] = []

    def discovery(self) -> dict[str, Any]:
        paths = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "jwks",
            "userinfo_endpoint": "userinfo",
        }
        return {
            "issuer": self.issuer,
            **{name: f"{self.issuer}/{path}" for name, path in paths.items()},
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    def authorize(self, query: dict[str, str]) -> Response:
        wanted = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        if any(query.get(name) != value for name, value in wanted.items()):
            return JSONResponse({"error": "invalid_request"}, 400)
        if query["redirect_uri"] not in self.redirects or "openid" not in query["scope"].split():
            return JSONResponse({"error": "invalid_request"}, 400)
        back = {"state": query["state"]}
        if self.refusal:
            back["error"] = self.refusal
        else:
            back["code"] = secrets.token_urlsafe(8)
            self.codes[back["code"]] = query
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode(back)}", 302)

    def token(self, authorization: str, form: dict[str, str]) -> Response:
        given = base64.b64encode(f"{CLIENT}:{SECRET}".replace(" ", "%20").encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization.removeprefix("Basic ") not in {given, plain}:
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = _base64(digest)
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
            **self.forged,
        }
        answer = {"access_token": "a", "token_type": "Bearer", "id_token": self.signed(claims)}
        return JSONResponse(answer)

    def signed(self, claims: dict[str, Any]) -> str:
        """The ID token; unsigned or with the public key as a shared secret where it is told to cheat."""
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm == "RS256":
            return jwt.encode(header, claims, self.key)
        body = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
        public = self.key.as_pem(private=False)
        mac = hmac.digest(public, body.encode(), "sha256") if self.algorithm == "HS256" else b""
        return f"{body}.{_base64(mac)}"

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def discovery() -> dict[str, Any]:
            return self.discovery()

        @app.get("/jwks")
        def jwks() -> dict[str, Any]:
            return {"keys": [self.shown.as_dict(private=False)]}

        @app.get("/userinfo")
        def userinfo() -> dict[str, Any]:
            return self.in_userinfo

        @app.get("/authorize")
        def authorize(request: Request) -> Response:
            return self.authorize(dict(request.query_params))

        @app.post("/token")
        async def token(request: Request) -> Response:
            form = {name: str(value) for name, value in (await request.form()).items()}
            return self.token(request.headers.get("authorization", ""), form)

        return app


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@contextmanager
def provided() -> Iterator[Provider]:
    """A provider that listens on a free port of this machine."""
    provider = Provider()
    server = uvicorn.Server(uvicorn.Config(provider.app(), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        provider.issuer = f"http://127.0.0.1:{port}"
        yield provider
    finally:
        server.should_exit = True
        thread.join()
