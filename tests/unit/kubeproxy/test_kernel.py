"""Kernel switches, on a folder that plays /proc/sys."""

from __future__ import annotations

from pathlib import Path

from kubeproxy.kernel import SWITCHES, prepare


def lay(root: Path) -> list[Path]:
    paths = [root / switch.path for switch in SWITCHES]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("0\n")
    return paths


def test_everything_that_is_off_is_turned_on(tmp_path):
    paths = lay(tmp_path)
    assert prepare(tmp_path) == []
    assert {path.read_text() for path in paths} == {"1\n"}


def test_a_missing_switch_is_named_with_what_breaks_and_what_helps(tmp_path):
    lay(tmp_path)[1].unlink()
    (problem,) = prepare(tmp_path)
    assert problem.startswith("net.bridge.bridge-nf-call-iptables is not 1")
    assert "same node" in problem and "modprobe br_netfilter" in problem
