"""Which pages may open a websocket: browsers send cookies with it wherever the page is from."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from django.http.request import split_domain_port, validate_host

Headers = Iterable[tuple[bytes, bytes]]


def origin_is_allowed(headers: Headers, allowed_hosts: Sequence[str]) -> bool:
    """Return whether the page is from an allowed host. Programs send no Origin and have no cookies.

    Where every host is allowed ("*"), the page must be from the very host that it calls.
    """
    sent = {name.lower(): value.decode("latin-1") for name, value in headers}
    origin = sent.get(b"origin")
    if origin is None:
        return True
    netloc = urlsplit(origin).netloc.lower()
    domain, _ = split_domain_port(netloc)
    named = [host for host in allowed_hosts if host != "*"]
    return bool(domain) and (
        validate_host(domain, named)
        or ("*" in allowed_hosts and netloc == sent.get(b"host", "").lower())
    )
