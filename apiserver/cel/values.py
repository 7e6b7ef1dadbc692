"""More of Kubernetes' functions in CEL: sets, quantities, addresses, networks and URLs.

Pure. What are types of their own there are checked texts here: quantity('1Gi') is '1Gi', and compares as a quantity.
Real Kubernetes: k8s.io/apiserver/pkg/cel/library/{quantity,ip,cidr,urls}.go, cel-go's ext/sets.go. Left out: semver.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from machinery.api.quantity import QuantityError, parse

Row = tuple[str, Callable[..., Any], Any, tuple[Any, ...]]
"""A name, what it does, the type of its value, the types of its arguments."""


def _tells(check: Callable[[str], Any]) -> Callable[[str], bool]:
    """Whether a text is one of these."""

    def tell(text: str) -> bool:
        try:
            check(text)
        except (ValueError, QuantityError):
            return False
        return True

    return tell


def _quantity(text: str) -> str:
    parse(text)
    return text


def _compared(left: str, right: str) -> int:
    one, other = parse(left), parse(right)
    return (one > other) - (one < other)


def _ip(text: str) -> str:
    if "%" in text or getattr(ipaddress.ip_address(text), "ipv4_mapped", None):
        raise ValueError(f"{text!r} is no plain IP address")
    return text


def _cidr(text: str) -> str:
    if "/" not in text:
        raise ValueError(f"{text!r} has no prefix length")
    ipaddress.ip_interface(text)
    return text


def _contains_ip(network: str, address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_interface(network).network


def _contains_cidr(network: str, other: str) -> bool:
    outer, inner = ipaddress.ip_interface(network).network, ipaddress.ip_interface(other).network
    return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]  # of one version


def _url(text: str) -> str:
    parts = urlsplit(text)
    if not (parts.scheme or text.startswith("/")) or any(letter <= " " for letter in text):
        raise ValueError(f"{text!r} is no absolute URL")
    return text


def _port(text: str) -> str:
    port = urlsplit(text).port
    return "" if port is None else str(port)


def _keys(items: Sequence[Any]) -> frozenset[Any]:
    """Equal for equal values; so that large sets cost no more than they are large."""
    try:
        plain = frozenset(items)
    except TypeError:
        return frozenset(map(repr, items))
    # For Python true is 1, and false 0; for CEL they are not.
    return frozenset((type(each) is bool, each) for each in items) if plain & {0, 1} else plain


def globals_of(t: Any) -> list[Row]:
    """Functions that stand by themselves."""
    lists = (t.LIST, t.LIST)
    return [
        ("sets.contains", lambda one, other: _keys(other) <= _keys(one), t.BOOL, lists),
        ("sets.equivalent", lambda one, other: _keys(one) == _keys(other), t.BOOL, lists),
        ("sets.intersects", lambda one, other: bool(_keys(one) & _keys(other)), t.BOOL, lists),
        ("quantity", _quantity, t.STRING, (t.STRING,)),
        ("isQuantity", _tells(_quantity), t.BOOL, (t.STRING,)),
        ("ip", _ip, t.STRING, (t.STRING,)),
        ("isIP", _tells(_ip), t.BOOL, (t.STRING,)),
        ("ip.isCanonical", lambda text: str(ipaddress.ip_address(text)) == text, t.BOOL, (t.STRING,)),
        ("cidr", _cidr, t.STRING, (t.STRING,)),
        ("isCIDR", _tells(_cidr), t.BOOL, (t.STRING,)),
        ("url", _url, t.STRING, (t.STRING,)),
        ("isURL", _tells(_url), t.BOOL, (t.STRING,)),
    ]


def members_of(t: Any) -> list[Row]:
    """Functions of a value."""
    one, two = (t.STRING,), (t.STRING, t.STRING)
    return [
        ("isGreaterThan", lambda left, right: _compared(left, right) > 0, t.BOOL, two),
        ("isLessThan", lambda left, right: _compared(left, right) < 0, t.BOOL, two),
        ("compareTo", _compared, t.INT, two),
        ("sign", lambda text: _compared(text, "0"), t.INT, one),
        ("isInteger", lambda text: parse(text) % 1 == 0, t.BOOL, one),
        ("asInteger", lambda text: int(parse(text)), t.INT, one),
        ("asApproximateFloat", lambda text: float(parse(text)), t.DOUBLE, one),
        ("family", lambda text: ipaddress.ip_address(text).version, t.INT, one),
        ("isUnspecified", lambda text: ipaddress.ip_address(text).is_unspecified, t.BOOL, one),
        ("isLoopback", lambda text: ipaddress.ip_address(text).is_loopback, t.BOOL, one),
        ("isLinkLocalUnicast", lambda text: ipaddress.ip_address(text).is_link_local, t.BOOL, one),
        ("containsIP", _contains_ip, t.BOOL, two),
        ("containsCIDR", _contains_cidr, t.BOOL, two),
        ("ip", lambda text: str(ipaddress.ip_interface(text).ip), t.STRING, one),
        ("masked", lambda text: str(ipaddress.ip_interface(text).network), t.STRING, one),
        ("prefixLength", lambda text: ipaddress.ip_interface(text).network.prefixlen, t.INT, one),
        ("getScheme", lambda text: urlsplit(text).scheme, t.STRING, one),
        ("getHost", lambda text: urlsplit(text).netloc.rpartition("@")[2], t.STRING, one),
        ("getHostname", lambda text: urlsplit(text).hostname or "", t.STRING, one),
        ("getPort", _port, t.STRING, one),
        ("getEscapedPath", lambda text: urlsplit(text).path, t.STRING, one),
        ("getQuery", lambda text: parse_qs(urlsplit(text).query), t.MAP, one),
    ]
