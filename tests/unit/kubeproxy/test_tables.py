"""Texts that lead from one state of the tables to another."""

from __future__ import annotations

from kubeproxy import tables

HOOKS = {"nat": [("OUTPUT", "-j KUBE-SERVICES")]}


def ours(chain: str) -> bool:
    return chain.startswith("KUBE-S")


def test_render_and_parse_are_inverse():
    state = {"nat": {"KUBE-SERVICES": ["-j KUBE-SEP-1"], "KUBE-SEP-1": []}, "filter": {"KUBE-SERVICES": []}}
    assert tables.parse(tables.render(state)) == state


def test_no_difference_is_no_text():
    state = {"nat": {"KUBE-SERVICES": ["-j KUBE-SEP-1"]}}
    assert tables.changes(state, {"nat": {"KUBE-SERVICES": ["-j KUBE-SEP-1"]}}) == ""


def test_changes_name_only_chains_that_differ_and_delete_stale_ones_last():
    old = {"nat": {"KUBE-SERVICES": ["-j KUBE-SVC-1"], "KUBE-SVC-1": ["-j KUBE-SEP-1"], "KUBE-SEP-1": ["-j DNAT"]}}
    new = {"nat": {"KUBE-SERVICES": ["-j KUBE-SVC-1"], "KUBE-SVC-1": ["-j KUBE-SEP-2"], "KUBE-SEP-2": ["-j DNAT"]}}
    assert tables.changes(old, new).splitlines() == [
        "*nat",
        ":KUBE-SVC-1 - [0:0]",
        ":KUBE-SEP-2 - [0:0]",
        ":KUBE-SEP-1 - [0:0]",
        "-A KUBE-SVC-1 -j KUBE-SEP-2",
        "-A KUBE-SEP-2 -j DNAT",
        "-X KUBE-SEP-1",
        "COMMIT",
    ]


def test_replace_hooks_in_once_and_clears_what_an_earlier_run_left():
    existing = {"nat": {"OUTPUT": [], "KUBE-SEP-OLD": ["-j DNAT"], "CNI-X": []}}
    text = tables.replace(existing, {"nat": {"KUBE-SERVICES": []}}, hooks=HOOKS, ours=ours)
    assert "-I OUTPUT -j KUBE-SERVICES" in text
    assert "-X KUBE-SEP-OLD" in text
    assert "CNI-X" not in text
    hooked = {"nat": {"OUTPUT": ['-m comment --comment "kubernetes service portals" -j KUBE-SERVICES']}}
    assert "-I" not in tables.replace(hooked, {"nat": {"KUBE-SERVICES": []}}, hooks=HOOKS, ours=ours)


def test_remove_takes_our_chains_and_jumps_and_leaves_the_rest():
    existing = {
        "nat": {"OUTPUT": ["-j KUBE-SERVICES", "-j CNI-X"], "CNI-X": ["-j RETURN"], "KUBE-SERVICES": ["-j X"]},
        "filter": {"INPUT": ["-j ACCEPT"]},
    }
    assert tables.remove(existing, ours=ours).splitlines() == [
        "*nat", ":KUBE-SERVICES - [0:0]", "-D OUTPUT -j KUBE-SERVICES", "-X KUBE-SERVICES", "COMMIT",
    ]  # fmt: skip


def test_target_of_a_rule_with_options_behind_it():
    assert tables.target("-p tcp -j DNAT --to-destination 1.2.3.4:5") == "DNAT"
