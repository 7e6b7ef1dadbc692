"""The iptables backend: holds the kernel's tables at desired_rules() with one iptables-restore per change.

Reads the kernel's tables once with iptables-save, then remembers what it wrote and sends only chains that differ;
after a failure, or when asked, it looks at the kernel again. Legacy or nf_tables is whatever `iptables` is on this
machine: both programs come from the same package, so the two worlds are never mixed.
Real Kubernetes: pkg/proxy/iptables and pkg/util/iptables. Left out: watching for others who flush our tables.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from kubeproxy import tables
from kubeproxy.conntrack import delete_flows, stale_flows
from kubeproxy.names import is_ours
from kubeproxy.ports import ServicePort
from kubeproxy.rules import HOOKS, assemble, port_tables
from kubeproxy.tables import Tables
from machinery.component.programs import finished

log = logging.getLogger(__name__)

RESTORE = ("iptables-restore", "-w", "5", "--noflush", "--counters")


class BackendError(Exception):
    """The kernel did not take the rules; its words follow."""


class Iptables:
    """Backend over iptables-save and iptables-restore."""

    def __init__(self, cluster_cidr: str) -> None:
        self._cluster_cidr = cluster_cidr
        self._written: Tables | None = None
        self._ports: Sequence[ServicePort] = ()
        self._parts: dict[ServicePort, Tables] = {}

    async def apply(self, ports: Sequence[ServicePort], *, full: bool = False) -> None:
        """Makes the kernel serve exactly these ports; what the kernel holds already costs no call."""
        desired = self._desired(ports)
        text = await self._text_for(desired, full=full)
        if text:
            # Until the kernel has confirmed, nothing is known of it.
            self._written = None
            await restore(text)
            self._written = desired
        await delete_flows(stale_flows(self._ports, ports))
        self._ports = ports

    def _desired(self, ports: Sequence[ServicePort]) -> Tables:
        """Only ports that changed are rendered again."""
        known = self._parts
        self._parts = {port: known.get(port) or port_tables(port, self._cluster_cidr) for port in ports}
        return assemble(self._parts.values())

    async def _text_for(self, desired: Tables, *, full: bool) -> str:
        if full or self._written is None:
            return tables.replace(await saved_tables(), desired, hooks=HOOKS, ours=is_ours)
        return tables.changes(self._written, desired)

    async def cleanup(self) -> None:
        """Takes every chain of ours away, and the jumps to them."""
        text = tables.remove(await saved_tables(), ours=is_ours)
        if text:
            await restore(text)
        self._written = None


async def saved_tables() -> Tables:
    found: Tables = {}
    for name in HOOKS:
        found.update(tables.parse(await run("iptables-save", "-t", name)))
    return found


async def restore(text: str) -> None:
    started = time.monotonic()
    await run(*RESTORE, stdin=text)
    took = (time.monotonic() - started) * 1000
    log.info("rules restored: %d lines in %.0f ms", text.count("\n"), took)
    log.debug("restored text:\n%s", text)


async def run(*command: str, stdin: str = "") -> str:
    """The program's output; its last words become the error."""
    code, out, err = await finished(command, stdin)
    if code:
        raise BackendError(f"{command[0]}: {err.strip() or code}")
    return out
