"""Admission control: limits on connections per process, person and address."""

from collections import Counter

from realtime.connections.identity import Person
from realtime.connections.limits import Limits, Reservation
from realtime.errors import Offence

TOO_MANY = 4429


class Admission:
    """The places that one connection occupies.

    It occupies a place of its address until its user is authenticated, then one of that person. So
    people behind one address (an office, a proxy) do not use up each other's places.
    """

    __slots__ = ("_address", "_limits", "_reservation")

    def __init__(self, counts: Counter[str], limits: Limits, address: str) -> None:
        self._limits = limits
        self._address = address
        self._reservation = Reservation(counts)

    def check_capacity(self, connections: int) -> None:
        """Raise Offence if the process serves as many connections as it may."""
        if connections >= self._limits.connections:
            raise _too_many_connections("The server is full", self._limits.connections, "")

    def reserve_for_address(self) -> None:
        """Occupy a place of the address; raise Offence if none is free."""
        self.release()
        limit = self._limits.connections_per_address
        # Without an address it came through a Unix socket, from a proxy on this host.
        if self._address and not self._reservation.reserve(f"at {self._address}", limit):
            raise _too_many_connections(
                "Too many connections from this address", limit, "_PER_ADDRESS"
            )

    def reserve_for_person(self, person: Person) -> None:
        """Occupy a place of the person instead; raise Offence if none is free."""
        self.release()
        limit = self._limits.connections_per_person
        if not self._reservation.reserve(f"of {person.pk}", limit):
            raise _too_many_connections("Too many connections of this user", limit, "_PER_PERSON")

    def release(self) -> None:
        self._reservation.release()


def _too_many_connections(reason: str, limit: int, suffix: str) -> Offence:
    message = f"{reason} (limit {limit}). Close some or raise REALTIME_MAX_CONNECTIONS{suffix}."
    return Offence("too_many_connections", message, TOO_MANY, is_fatal=True)
