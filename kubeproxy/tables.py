"""Tables of chains of rules as values, and the texts that turn one state of them into another.

Pure. A rule is the text after `-A CHAIN `. `iptables-restore --noflush` replaces each chain that the text declares
(`:CHAIN - [0:0]`) and leaves every other chain alone; one text is one transaction of the kernel's.
Real Kubernetes: pkg/util/iptables (save_restore) and the proxier's partial sync.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

Chains = dict[str, list[str]]
Tables = dict[str, Chains]
Hooks = Mapping[str, Iterable[tuple[str, str]]]
"""table -> (built-in chain, rule) pairs: where the packet path enters our chains."""


def render(tables: Tables) -> str:
    """The whole desired text: what a reader looks at and the golden tests hold."""
    return "".join(restore_table(name, chains) for name, chains in tables.items())


def changes(old: Tables, new: Tables) -> str:
    """The smallest text that turns `old` into `new`; empty when nothing differs."""
    texts = []
    for name, chains in new.items():
        before = old.get(name, {})
        changed = {chain: rules for chain, rules in chains.items() if before.get(chain) != rules}
        stale = [chain for chain in before if chain not in chains]
        if changed or stale:
            texts.append(restore_table(name, changed, stale=stale))
    return "".join(texts)


def replace(existing: Tables, desired: Tables, *, hooks: Hooks, ours: Callable[[str], bool]) -> str:
    """The text that makes our chains exactly `desired`, whatever an earlier run left behind."""
    texts = []
    for name, chains in desired.items():
        present = existing.get(name, {})
        stale = [chain for chain in present if ours(chain) and chain not in chains]
        missing = [
            f"-I {chain} {rule}" for chain, rule in hooks.get(name, ()) if not is_hooked(present, chain, rule)
        ]
        texts.append(restore_table(name, chains, stale=stale, extra=missing))
    return "".join(texts)


def remove(existing: Tables, *, ours: Callable[[str], bool]) -> str:
    """The text that takes our chains and the jumps to them away, and nothing else."""
    texts = []
    for name, chains in existing.items():
        stale = [chain for chain in chains if ours(chain)]
        jumps = [
            f"-D {chain} {rule}"
            for chain, rules in chains.items()
            if not ours(chain)
            for rule in rules
            if ours(target(rule))
        ]
        if stale:
            texts.append(restore_table(name, {}, stale=stale, extra=jumps))
    return "".join(texts)


def restore_table(name: str, chains: Chains, *, stale: Iterable[str] = (), extra: Iterable[str] = ()) -> str:
    """Stale chains are emptied with everyone else and deleted last, when no rule points at them any more."""
    stale = tuple(stale)
    lines = [f"*{name}"]
    lines += [f":{chain} - [0:0]" for chain in (*chains, *stale)]
    lines += extra
    lines += [f"-A {chain} {rule}" for chain, rules in chains.items() for rule in rules]
    lines += [f"-X {chain}" for chain in stale]
    lines.append("COMMIT\n")
    return "\n".join(lines)


def parse(text: str) -> Tables:
    """What `iptables-save` printed (or a rendered text), built-in chains included."""
    tables: Tables = {}
    chains: Chains = {}
    for line in text.splitlines():
        if line.startswith("*"):
            chains = tables.setdefault(line[1:].strip(), {})
        elif line.startswith(":"):
            chains[line[1:].split()[0]] = []
        elif line.startswith("-A "):
            _, chain, rule = line.split(" ", 2)
            chains.setdefault(chain, []).append(rule)
    return tables


def is_hooked(present: Chains, chain: str, rule: str) -> bool:
    return any(target(known) == target(rule) for known in present.get(chain, ()))


def target(rule: str) -> str:
    """The chain or verdict that a rule jumps to; comments may not contain ` -j `."""
    return rule.rpartition("-j ")[2].split(" ", 1)[0]
