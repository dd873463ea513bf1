"""Which network an address belongs to: as a socket or a proxy writes it."""

from __future__ import annotations

import pytest

from intake_app.networks import address_of, network_of

ADDRESSES = [
    ("203.0.113.7", "203.0.113.7", "203.0.113.7"),
    ("203.0.113.7:51234", "203.0.113.7", "203.0.113.7"),
    (" 203.0.113.7 ", "203.0.113.7", "203.0.113.7"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
    ("[2001:db8:1:2::9]:443", "2001:db8:1:2::9", "2001:db8:1:2::"),
    ("::ffff:203.0.113.7", "203.0.113.7", "203.0.113.7"),
    ("unknown", "None", "unknown"),
    ("", "None", "unknown"),
    ("203.0.113.7, 10.0.0.1", "None", "unknown"),
]


@pytest.mark.parametrize(("text", "address", "network"), ADDRESSES)
def test_addresses_and_their_networks(text: str, address: str, network: str) -> None:
    """A subscriber of IPv6 has a /64: it counts as one network, whatever address he takes."""
    assert (address, network) == (str(address_of(text)), network_of(text))
