"""URLs that people give, checked so that the service reaches nothing that only this machine can reach.

The name is resolved once, every address it has must be public, and the connection goes to the address that
was checked, so that a name that answers differently the second time (rebinding) changes nothing.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import httpx

from service.problems import Unusable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Reachable = Callable[[Address], bool]
# Prefixes that carry an IPv4 address within: 6to4, Teredo, NAT64.
_CARRIERS = tuple(
    ipaddress.ip_network(n) for n in ("2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48")
)


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet's: not private, local, shared, reserved, or a group's."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in carrier for carrier in _CARRIERS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: the URL with a checked address in the host's place, and the host it is for.

    `name` is the last part of the URL's path, or the host where it has none.
    """

    url: httpx.URL
    host: str
    name: str

    @property
    def host_header(self) -> str:
        """The Host header that the server expects."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.url.port is None else f"{host}:{self.url.port}"


async def target_of(url: str, allowed: Reachable = is_public) -> Target:
    """The place a URL leads to, now.

    Raises:
        Unusable: it is no http or https URL, carries a user name, or leads to an address that isn't allowed.
    """
    try:
        given = urlsplit(url)
        port = given.port or (443 if given.scheme == "https" else 80)
        host = given.hostname or ""
        host.encode("idna")
    except (ValueError, UnicodeError):
        raise Unusable("url: it is none; give one like https://example.org/path.") from None
    if given.scheme not in {"http", "https"} or not host:
        raise Unusable("url: only http and https can be used.")
    if given.username or given.password:
        raise Unusable("url: it holds a user name; only URLs that need none can be used.")
    address = await _resolved(host, port, allowed)
    try:
        pinned = httpx.URL(url).copy_with(host=str(address))
    except httpx.InvalidURL:
        raise Unusable("url: it is none; give one like https://example.org/path.") from None
    return Target(pinned, host, unquote(given.path.rsplit("/", 1)[-1]) or host)


async def _resolved(host: str, port: int, allowed: Reachable) -> Address:
    """One address of a host of which every one is allowed."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        raise Unusable("url: there is no such host; check the address.") from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).split("%", 1)[0]) for entry in found]
    if not addresses or not all(allowed(address) for address in addresses):
        raise Unusable("url: it leads to an address that isn't public.")
    return addresses[0]
