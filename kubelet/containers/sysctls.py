"""Names of kernel parameters. Pure.

Real Kubernetes: component-helpers/node/util/sysctl.
"""

from __future__ import annotations

_SWAPPED = str.maketrans("./", "/.")


def dotted(name: str) -> str:
    """net/ipv4/conf.x -> net.ipv4.conf/x: whichever of both comes first is what separates."""
    first = next((letter for letter in name if letter in "./"), ".")
    return name.translate(_SWAPPED) if first == "/" else name
