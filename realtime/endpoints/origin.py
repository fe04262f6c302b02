"""Check of a page's origin: browsers send cookies with a WebSocket of any page."""

import logging
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from django.http.request import split_domain_port, validate_host

from realtime.errors import EventError

Headers = Iterable[tuple[bytes, bytes]]

logger = logging.getLogger(__name__)


def check_origin(headers: Headers, allowed_hosts: Sequence[str]) -> None:
    """Raise EventError unless the Origin is an allowed host, or absent, as for other programs.

    Where every host is allowed ("*"), it must be the requested host. Ports are not compared, since
    cookies do not depend on them.
    """
    sent = {name.lower(): value.decode("latin-1") for name, value in headers}
    origin = sent.get(b"origin")
    if origin is None:
        return
    page, requested = _host_of_origin(origin), _host_of(sent.get(b"host", ""))
    hosts = [host for host in allowed_hosts if host != "*"]
    if page and (validate_host(page, hosts) or ("*" in allowed_hosts and page == requested)):
        return
    logger.warning(
        "Refused a page with the Origin %r: its host %r is not in ALLOWED_HOSTS %r%s",
        origin[:200],
        page,
        hosts,
        f" and is not the requested host {requested!r}" if "*" in allowed_hosts else "",
    )
    raise EventError("forbidden", "The page is from another host: add it to ALLOWED_HOSTS.")


def _host_of_origin(origin: str) -> str:
    try:
        return _host_of(urlsplit(origin).netloc)
    except ValueError:  # such as an IPv6 address without its second bracket
        return ""


def _host_of(netloc: str) -> str:
    """Return the host without its port and a trailing dot; empty if it is malformed."""
    domain, _ = split_domain_port(netloc.lower())
    return domain
