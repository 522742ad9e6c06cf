"""Where a request comes from: only trusted proxies may tell."""

import unittest
from ipaddress import ip_network

from conversation_server.services.addresses import Origin, origin

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def address(peer: str, *forwarded_for: str) -> str:
    return origin(peer, "http", forwarded_for=forwarded_for, forwarded_proto="", trusted=PROXIES).address


class OriginTest(unittest.TestCase):
    def test_a_stranger_who_names_another_address_is_not_believed(self) -> None:
        self.assertEqual(address("203.0.113.5", "198.51.100.1"), "203.0.113.5")

    def test_the_last_address_that_no_trusted_proxy_has_is_the_callers(self) -> None:
        for chain, expected in (
            (("198.51.100.1",), "198.51.100.1"),
            (("1.1.1.1, 198.51.100.1",), "198.51.100.1"),
            (("1.1.1.1", "198.51.100.1, 10.0.0.9"), "198.51.100.1"),
            (("10.0.0.8, 10.0.0.9",), "10.0.0.1"),
            ((), "10.0.0.1"),
        ):
            self.assertEqual(address("10.0.0.1", *chain), expected, chain)

    def test_what_is_no_address_is_nobodys(self) -> None:
        self.assertEqual(address("10.0.0.1", "evil\nheader"), "unknown")
        self.assertEqual(address(""), "unknown")

    def test_one_network_of_ipv6_is_one_caller(self) -> None:
        self.assertEqual(address("2001:db8:1:2:3::4"), address("2001:db8:1:2:ffff::1"))
        self.assertNotEqual(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"))
        self.assertEqual(address("::ffff:203.0.113.5"), "203.0.113.5")

    def test_tls_is_seen_on_the_connection_or_told_by_a_trusted_proxy(self) -> None:
        for peer, scheme, told, expected in (
            ("203.0.113.5", "https", "", True),
            ("203.0.113.5", "http", "https", False),
            ("10.0.0.1", "http", "https", True),
            ("10.0.0.1", "http", "https, http", False),
        ):
            found = origin(peer, scheme, forwarded_for=(), forwarded_proto=told, trusted=PROXIES)
            self.assertEqual(found, Origin(peer, expected))
