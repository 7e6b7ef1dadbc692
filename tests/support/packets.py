"""A packet's way through rendered iptables text: every outcome that is possible, with its probability.

Knows exactly the matches and targets that kube-proxy's rules use and fails on any other, so that a new kind of rule
cannot pass a test unseen.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from ipaddress import ip_address, ip_network

from kubeproxy.tables import Chains, parse

MASQUERADE_MARK = 0x4000


@dataclass(frozen=True)
class Packet:
    """The first packet of a connection, as one node sees it."""

    src: str
    dst: str
    port: int
    protocol: str = "tcp"
    node_ips: frozenset[str] = frozenset()
    remembered: frozenset[str] = frozenset()
    mark: int = 0

    def is_local(self, ip: str) -> bool:
        return ip in self.node_ips or ip_address(ip).is_loopback


@dataclass(frozen=True)
class Outcome:
    """Where a packet ends: `verdict` is "" while nothing decided about it."""

    packet: Packet
    verdict: str = ""
    chains: tuple[str, ...] = ()
    chance: Fraction = field(default=Fraction(1))

    @property
    def target(self) -> str:
        return f"{self.packet.dst}:{self.packet.port}"

    @property
    def masqueraded(self) -> bool:
        return bool(self.packet.mark & MASQUERADE_MARK)


def trace(rules: str, packet: Packet) -> list[Outcome]:
    """nat first, then the filter chains that the packet's way crosses."""
    tables = parse(rules)
    found = []
    for translated in walk(tables["nat"], "KUBE-SERVICES", packet):
        found += list(filtered(tables["filter"], translated))
    return found


def targets(rules: str, packet: Packet) -> dict[str, float]:
    """Destination (or the verdict that refuses) -> probability."""
    sums: dict[str, Fraction] = {}
    for outcome in trace(rules, packet):
        refused = outcome.verdict in ("DROP", "REJECT")
        key = outcome.verdict if refused else outcome.target
        sums[key] = sums.get(key, Fraction(0)) + outcome.chance
    return {key: round(float(chance), 6) for key, chance in sums.items()}


def filtered(chains: Chains, outcome: Outcome) -> Iterator[Outcome]:
    pending = [replace(outcome, verdict="")]
    for chain in ("KUBE-PROXY-FIREWALL", "KUBE-EXTERNAL-SERVICES", "KUBE-SERVICES"):
        still = []
        for state in pending:
            for after in walk(chains, chain, state.packet):
                merged = replace(
                    after, chance=state.chance * after.chance, chains=state.chains + after.chains
                )
                if merged.verdict:
                    yield merged
                else:
                    still.append(merged)
        pending = still
    yield from pending


def walk(chains: Chains, chain: str, packet: Packet) -> Iterator[Outcome]:
    """All ends of a way that begins in this chain; the path lists the chains that were entered."""
    states = [Outcome(packet, chains=(chain,))]
    for rule in chains[chain]:
        words = shlex.split(rule)
        following = []
        for state in states:
            chance = probability(words, state.packet)
            if chance < 1:
                following.append(replace(state, chance=state.chance * (1 - chance)))
            if chance > 0:
                for end in jump(chains, words, replace(state, chance=state.chance * chance)):
                    if end.verdict and end.verdict != "RETURN":
                        yield end
                    elif end.verdict:
                        yield replace(end, verdict="")
                    else:
                        following.append(end)
        states = following
    yield from states


def jump(chains: Chains, words: list[str], state: Outcome) -> Iterator[Outcome]:
    at = words.index("-j") + 1
    target, options = words[at], words[at + 1 :]
    packet = state.packet
    if target == "MARK" and options[0] == "--or-mark":
        yield replace(state, packet=replace(packet, mark=packet.mark | int(options[1], 0)))
    elif target == "DNAT":
        ip, port = options[1].split(":")
        yield replace(state, packet=replace(packet, dst=ip, port=int(port)), verdict="DNAT")
    elif target in ("ACCEPT", "DROP", "REJECT", "RETURN"):
        yield replace(state, verdict=target)
    else:
        for inner in walk(chains, target, packet):
            yield replace(inner, chance=state.chance * inner.chance, chains=state.chains + inner.chains)


def probability(words: list[str], packet: Packet) -> Fraction:
    """0 when the rule does not match, 1 when it does, between them for random balance."""
    matches = options_of(words[: words.index("-j")])
    chance = Fraction(matches.pop("--probability", "1")).limit_denominator(10000)
    for option in ("--comment", "--mode", "--seconds", "--reap", "--set"):
        matches.pop(option, None)
    negated = {name for name in matches if name.startswith("! ")}
    agree = all(
        agrees(name.removeprefix("! "), value, packet, matches) != (name in negated)
        for name, value in matches.items()
    )
    return chance if agree else Fraction(0)


def agrees(name: str, value: str, packet: Packet, matches: Mapping[str, str]) -> bool:
    match name:
        case "-p":
            return packet.protocol == value
        case "-s":
            return ip_address(packet.src) in ip_network(value)
        case "-d":
            return ip_address(packet.dst) in ip_network(value)
        case "--dport":
            return packet.port == int(value)
        case "--dst-type":
            return packet.is_local(packet.dst)
        case "--src-type":
            return packet.is_local(packet.src)
        case "--name":
            return "--rcheck" not in matches or value in packet.remembered
        case "--rcheck":
            return True
    raise ValueError(f"the tracer does not know {name} {value}")


def options_of(words: list[str]) -> dict[str, str]:
    """`-s 10.0.0.0/8 ! --dport 80` as {"-s": "10.0.0.0/8", "! --dport": "80"}; `-m` words say nothing of their own."""
    found: dict[str, str] = {}
    negation, position = "", 0
    while position < len(words):
        word = words[position]
        if word == "!":
            negation, position = "! ", position + 1
            continue
        flag = word in ("--rcheck", "--reap", "--set")
        if word != "-m":
            found[negation + word] = "" if flag else words[position + 1]
        negation, position = "", position + (1 if flag else 2)
    return found
