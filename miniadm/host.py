"""What the lab needs on the host: a bridge that plays the LAN, a cable to each machine, a way to the internet.

Runs `ip -batch` and `iptables-restore`; the texts are pure functions. All of it is named after the cluster
and tagged, so that `remove` finds it and nothing else. kind leaves this to Docker's bridge network.
"""

from __future__ import annotations

import fcntl
import ipaddress
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from miniadm.cluster import Cluster, Machine, SetupError, write_atomically

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


def run(*words: str, text: str | None = None) -> str:
    """Run a program of the host; its complaint becomes the error that the user reads."""
    done = subprocess.run(words, input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise SetupError(f"{' '.join(words)} failed: {done.stderr.strip() or done.returncode}")
    return done.stdout


# -- texts


def bridge_text(cluster: Cluster) -> str:
    name, prefix = cluster.bridge, ipaddress.ip_network(cluster.subnet).prefixlen
    mac = "02:4d:" + ":".join(f"{int(part):02x}" for part in cluster.gateway.split("."))
    return f"""\
link add {name} address {mac} type bridge forward_delay 0
link set {name} alias {cluster.tag} up
address add {cluster.gateway}/{prefix} dev {name}
"""


def cable_text(machine: Machine) -> str:
    return f"""\
netns add {machine.netns}
link add {machine.link} type veth peer name eth0 address {machine.mac} netns {machine.netns}
link set {machine.link} master {machine.cluster.bridge} up
"""


def inside_text(machine: Machine) -> str:
    prefix = ipaddress.ip_network(machine.cluster.subnet).prefixlen
    return f"""\
link set lo up
address add {machine.ip}/{prefix} dev eth0
link set eth0 up
route add default via {machine.cluster.gateway}
"""


def firewall_text(cluster: Cluster) -> str:
    """Ours come first: Docker, for one, sets FORWARD's policy to DROP and makes bridges ask it."""
    chain, lan, tag = _chain(cluster), cluster.subnet, f'-m comment --comment "{cluster.tag}"'
    return f"""\
*filter
:{chain} - [0:0]
-A {chain} -i {cluster.bridge} {tag} -j ACCEPT
-A {chain} -o {cluster.bridge} {tag} -j ACCEPT
-I FORWARD 1 {tag} -j {chain}
COMMIT
*nat
:{chain} - [0:0]
-A {chain} -s {lan} ! -d {lan} {tag} -j MASQUERADE
-I POSTROUTING 1 {tag} -j {chain}
COMMIT
"""


def _chain(cluster: Cluster) -> str:
    return f"MINI-{cluster.name}"


# -- effects


@contextmanager
def settling() -> Iterator[None]:
    """One cluster at a time looks for a free network and takes it. The folder itself is what is locked: no trace."""
    folder = os.open("/run", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def link_up(cluster: Cluster) -> None:
    """Make the LAN; harmless when it is there."""
    if bridge_alias(cluster.bridge) is None:
        run("ip", "-batch", "-", text=bridge_text(cluster))
    remember_forwarding(cluster)
    if FORWARDING.read_text().strip() != "1":
        FORWARDING.write_text("1")
    if not has_firewall(cluster):
        remove_firewall(cluster)
        run("iptables-restore", "--noflush", "-w", "5", text=firewall_text(cluster))


def link_down(cluster: Cluster) -> None:
    for machine in cluster.machines:
        unplug(machine)
    if bridge_alias(cluster.bridge) == cluster.tag:
        delete_link(cluster.bridge)
    remove_firewall(cluster)


def bridge_alias(name: str) -> str | None:
    """Who made the bridge: None if there is none, "" if it bears no name."""
    return _links().get(name)


def _links() -> dict[str, str]:
    """Every network link of this computer, with the alias that it was given."""
    return {link["ifname"]: link.get("ifalias", "") for link in json.loads(run("ip", "-json", "link"))}


def plug(machine: Machine) -> None:
    run("ip", "-batch", "-", text=cable_text(machine))
    run("ip", "-netns", machine.netns, "-batch", "-", text=inside_text(machine))


def unplug(machine: Machine) -> None:
    """A machine without power has neither addresses nor rules: its network namespace goes."""
    delete_link(machine.link)
    if Path("/run/netns", machine.netns).exists():
        run("ip", "netns", "delete", machine.netns)


def delete_link(name: str) -> None:
    """The kernel may be quicker: it drops a cable once the network namespace at its other end is gone."""
    if name in _links():
        done = subprocess.run(["ip", "link", "delete", name], capture_output=True, text=True)
        if done.returncode != 0 and name in _links():
            raise SetupError(f"the network link {name} cannot be removed: {done.stderr.strip()}")


def has_firewall(cluster: Cluster) -> bool:
    return all(
        f"-j {_chain(cluster)}" in _rules(table, chain)
        for table, chain in (("filter", "FORWARD"), ("nat", "POSTROUTING"))
    )


def _rules(table: str, chain: str) -> str:
    done = subprocess.run(
        ["iptables", "-w", "5", "-t", table, "-S", chain], capture_output=True, text=True, check=False
    )
    return done.stdout


def remove_firewall(cluster: Cluster) -> None:
    own = _chain(cluster)
    for table, chain in (("filter", "FORWARD"), ("nat", "POSTROUTING")):
        lines = [line for line in _rules(table, chain).splitlines() if line.endswith(f"-j {own}")]
        deletions = [line.replace("-A ", "-D ", 1) for line in lines]
        if _rules(table, own):
            deletions += [f"-F {own}", f"-X {own}"]
        if deletions:
            text = "\n".join([f"*{table}", *deletions, "COMMIT", ""])
            run("iptables-restore", "--noflush", "-w", "5", text=text)


def remember_forwarding(cluster: Cluster) -> None:
    """Note once whether the host forwarded packets before us, for `restore_forwarding`."""
    note = cluster.home / "host.json"
    if not note.exists():
        write_atomically(note, json.dumps({"ip_forward": FORWARDING.read_text().strip()}), mode=0o644)


def restore_forwarding(cluster: Cluster) -> None:
    """Switch forwarding off again if we switched it on and no other lab needs it."""
    note = cluster.home / "host.json"
    others = [alias for alias in _links().values() if alias.startswith("mini:")]
    if note.exists() and json.loads(note.read_text())["ip_forward"] == "0" and not others:
        FORWARDING.write_text("0")
