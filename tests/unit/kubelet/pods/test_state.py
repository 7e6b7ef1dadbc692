"""Stages of a pod, and the lines that labs quote."""

from __future__ import annotations

import logging

import pytest

from kubelet.pods.state import Facts, Stage, log_transition, transition

S, T, D, F = Stage.SYNCING, Stage.TERMINATING, Stage.TERMINATED, Stage.FINISHED


@pytest.mark.parametrize(("before", "facts", "after", "why"), [
    (S, Facts(), S, ""),
    (S, Facts(deleted=True, grace=30), T, "deletionTimestamp set, grace 30s"),
    (S, Facts(gone=True), T, "gone from the API"),
    (S, Facts(over="all containers have ended"), T, "all containers have ended"),
    (T, Facts(deleted=True), T, ""),
    (T, Facts(deleted=True, stopped=True), D, "no container runs"),
    (D, Facts(deleted=True, stopped=True), D, ""),
    (D, Facts(gone=True, stopped=True, cleaned=True), F, "nothing is left on the node"),
    (F, Facts(), F, ""),
])
def test_transitions(before: Stage, facts: Facts, after: Stage, why: str) -> None:
    assert transition(before, facts) == (after, why)


def test_the_arrow_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        log_transition("default/web", S, T, "deletionTimestamp set, grace 30s")
    assert caplog.messages == ["pod default/web syncing -> terminating: deletionTimestamp set, grace 30s"]
