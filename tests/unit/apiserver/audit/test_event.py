"""Ids and moments of audit events."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from apiserver.audit import event as audit


def test_each_request_has_an_id_of_its_own_that_is_a_random_uuid() -> None:
    made = [audit.audit_id() for _ in range(200)]
    assert len(set(made)) == len(made)
    for text in made:
        parsed = uuid.UUID(text)
        assert str(parsed) == text and parsed.version == 4 and parsed.variant == uuid.RFC_4122


@pytest.mark.parametrize("moment", [0.0, 1.5, 1790000000.0, 1790000000.000001, 1790000000.9999998])
def test_a_moment_has_six_decimals(moment: float) -> None:
    text = audit.micro_time(moment)
    assert len(text) == len("2026-01-02T03:04:05.000006Z") and text.endswith("Z")
    assert abs(datetime.fromisoformat(text).timestamp() - datetime.fromtimestamp(moment, UTC).timestamp()) < 2e-6


@pytest.mark.parametrize(
    ("headers", "remote", "expected"),
    [
        ({}, "10.0.0.1", ("10.0.0.1",)),
        ({}, None, ("",)),
        ({"X-Forwarded-For": "1.2.3.4, 5.6.7.8"}, "10.0.0.1", ("1.2.3.4", "5.6.7.8", "10.0.0.1")),
        ({"X-Forwarded-For": "nonsense, 1.2.3.4"}, "1.2.3.4", ("1.2.3.4",)),
        ({"X-Real-Ip": "fd00::1"}, "10.0.0.1", ("fd00::1", "10.0.0.1")),
    ],
)
def test_where_a_request_came_from(headers: dict[str, str], remote: str | None, expected: tuple[str, ...]) -> None:
    assert audit.source_ips(headers, remote) == expected


def test_a_request_may_bring_its_id() -> None:
    assert audit.id_of({"Audit-ID": "mine"}) == "mine"
    for given in ({}, {"Audit-ID": ""}, {"Audit-ID": "x" * 65}):
        assert uuid.UUID(audit.id_of(given))
