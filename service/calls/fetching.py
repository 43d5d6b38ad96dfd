"""Fetching a recording from a URL that a user gives: public addresses only, however it leads on.

Redirects are followed by hand, each under the same check (`service.addresses`). No proxy of the environment
is used.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urljoin

import httpx

from service.addresses import Reachable, Target, is_public, target_of
from service.calls.receiving import size_shown, write
from service.problems import TooLarge, Unusable

MOST_REDIRECTS = 5
SECONDS = 15 * 60.0  # for all of it
QUIET = 30.0  # for a connection, and between two pieces


async def fetch(
    url: str,
    path: Path,
    *,
    most: int,
    seconds: float = SECONDS,
    allowed: Reachable = is_public,
) -> str:
    """Write what a URL holds to `path`; its name, as the last URL has it.

    Raises:
        Unusable: it can't be fetched, or leads to an address that isn't allowed.
        TooLarge: it has more than `most` bytes; no more are written.
    """
    try:
        async with asyncio.timeout(seconds):
            async with httpx.AsyncClient(timeout=QUIET, trust_env=False, follow_redirects=False) as client:
                for _ in range(MOST_REDIRECTS + 1):
                    target = await target_of(url, allowed)
                    onward = await _get(client, target, path, most)
                    if onward is None:
                        return target.name
                    url = urljoin(url, onward)
        raise Unusable(f"url: it leads on more than {MOST_REDIRECTS} times; give the recording's own URL.")
    except TimeoutError:
        raise Unusable(f"url: it took longer than {seconds:g} seconds; upload the file instead.") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unusable(f"url: it can't be fetched ({type(error).__name__}); check it in a browser.") from None


async def _get(client: httpx.AsyncClient, target: Target, path: Path, most: int) -> str | None:
    """Fetch one URL to a file; where it leads on to, None when it was the recording."""
    headers = {"Host": target.host_header, "Accept-Encoding": "identity"}
    # Certificates are checked for the name that was asked for, not for the address.
    request = client.build_request(
        "GET", target.url, headers=headers, extensions={"sni_hostname": target.host}
    )
    response = await client.send(request, stream=True)
    try:
        if response.is_redirect and "location" in response.headers:
            return str(response.headers["location"])
        if response.status_code != httpx.codes.OK:
            raise Unusable(f"url: the server answers {response.status_code}; check it in a browser.")
        size = response.headers.get("content-length", "")
        if size.isdecimal() and int(size) > most:
            raise _too_large(most)
        await write(_pieces(response), path, 0, most)
    except OverflowError:
        raise _too_large(most) from None
    finally:
        await response.aclose()
    return None


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"url: the file is larger than {size_shown(most)}; send a more compressed one.")


async def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    async for piece in response.aiter_raw():
        yield piece
