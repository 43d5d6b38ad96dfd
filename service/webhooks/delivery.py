"""Sending one message: signed as Standard Webhooks has it, to a public address, with patience."""

import asyncio
import datetime as dt
import json
import secrets
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import httpx
from standardwebhooks import Webhook as Signer

from service.addresses import Reachable, is_public, target_of
from service.problems import Unusable

SECONDS = 15.0  # until a receiver must have answered
WAITS = (5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600)  # seconds before each further try
MOST_ANSWER = 64 * 1024  # bytes of an answer that are read


@dataclass(frozen=True, slots=True)
class Sent:
    """How a try went: the HTTP status, None where nobody answered; `fault` says what went wrong."""

    status: int | None
    fault: str | None

    @property
    def arrived(self) -> bool:
        """Whether the receiver took it: any status from 200 to 299."""
        return self.status is not None and 200 <= self.status < 300


def new_secret() -> str:
    """A secret for signatures, in the form that Standard Webhooks' libraries take."""
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


def signed(secret: str, message: str, body: bytes, at: dt.datetime) -> dict[str, str]:
    """The headers of a message; `message` is its id, the same at every try (www.standardwebhooks.com)."""
    return {
        "content-type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Signer(secret).sign(message, at, body.decode()),
    }


def wait_after(attempts: int) -> int | None:
    """Seconds before the next try after so many; None when it is time to give up."""
    return WAITS[attempts - 1] if attempts <= len(WAITS) else None


async def send(
    url: str,
    secret: str,
    message: str,
    event: dict[str, Any],
    *,
    allowed: Reachable = is_public,
) -> Sent:
    """Send a message once. The address is checked anew each time: names can be pointed elsewhere."""
    body = json.dumps(event, separators=(",", ":")).encode()
    headers = signed(secret, message, body, dt.datetime.now(dt.UTC))
    try:
        # All in all: one that sends a byte now and then would else hold the line for ever.
        async with asyncio.timeout(SECONDS), httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            target = await target_of(url, allowed)
            request = client.build_request(
                "POST",
                target.url,
                content=body,
                headers={**headers, "Host": target.host_header},
                extensions={"sni_hostname": target.host},
            )
            answer = await client.send(request, stream=True)
            status = answer.status_code
            await answer.aclose()
    except Unusable as error:
        return Sent(None, error.detail)
    except TimeoutError:
        return Sent(None, f"nobody answers within {SECONDS:g} s")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Sent(None, f"nobody answers ({type(error).__name__})")
    return Sent(status, None if 200 <= status < 300 else f"answers {status}")
