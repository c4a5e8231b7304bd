"""Where passkeys serve: the relying party's id and the origin of its pages, from the address that people reach them at.

A browser lends a passkey to a secure page alone (W3C Secure Contexts) and to a domain's name, never to an IP address (Web
Authentication Level 3, 5.1.3): `https` anywhere, or `http` at `localhost`.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_PORTS = {"https": 443, "http": 80}
_CURE = "set `web.public_url` to an address that begins with https:// and a name"


class BadPlace(ValueError):
    """No passkey works at this address; the message names what was seen, what was wanted and what to do."""


def place_of(public_url: str) -> tuple[str, str]:
    """The relying party's id and the origin, spelled as browsers do. Raises BadPlace."""
    try:
        parts = urlsplit(public_url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # UnicodeError is one
        raise BadPlace(f"saw `web.public_url` {public_url!r}, which is no address; wanted one; {_CURE}") from None
    if _is_ip_address(host) or not host:
        raise BadPlace(
            f"saw {host or 'no host'} in `web.public_url`; wanted a name, since passkeys serve no IP address; {_CURE}"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_local(host)):
        raise BadPlace(f"saw {parts.scheme}://{host}; wanted https, since browsers lend passkeys to nothing less; {_CURE}")
    shown = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    return host, f"{parts.scheme}://{host}{shown}"


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_local(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")
