"""The kinds that configure a cluster, all together: their defaults settle, their status is apart, nothing breaks."""

from __future__ import annotations

import copy

import pytest

from apiserver.registry.kinds import strategies
from apiserver.registry.strategy import Strategy
from apiserver.registry.webhook_client import default_client
from tests.support.cluster_samples import SAMPLES, Sample
from tests.support.registry import created, errors_of, row_of, update_errors_of, updated

STRATEGIES = {(each.api_version, each.kind): each for each in strategies(None, event_ttl=1)}  # type: ignore[arg-type]


def of(given: Sample) -> Strategy:
    return STRATEGIES[given.api_version, given.kind]


@pytest.mark.parametrize("given", SAMPLES, ids=lambda given: given.kind)
def test_samples_are_good_and_their_defaults_settle(given: Sample) -> None:
    strategy, document = of(given), given.document("default")
    assert errors_of(strategy, document) == []
    made = created(strategy, document)
    again = copy.deepcopy(made)
    strategy.default(again)
    assert again == made, "defaults of what has its defaults change nothing"
    assert updated(strategy, made, made) == made and update_errors_of(strategy, made, made) == []


@pytest.mark.parametrize("given", SAMPLES, ids=lambda given: given.kind)
def test_the_emptiest_object_breaks_nothing(given: Sample) -> None:
    strategy = of(given)
    errors_of(strategy, {})
    row_of(strategy, {})
    assert set(strategy.selectable_fields) <= set(strategy.selectable({"metadata": {}}))


@pytest.mark.parametrize("given", [each for each in SAMPLES if each.status], ids=lambda given: given.kind)
def test_status_and_spec_are_written_apart(given: Sample) -> None:
    strategy = of(given)
    made = created(strategy, given.document())
    status = {**made.get("status", {}), **given.status["status"]}
    told = updated(strategy, made, {**made, "spec": {}, "status": status}, "status")
    assert told["spec"] == made["spec"] and told["status"] != made.get("status", {})
    kept = updated(strategy, told, {**told, "status": {}})
    assert kept["status"] == told["status"]


def test_a_webhook_without_a_service_has_no_port() -> None:
    config = {"url": "https://a"}
    default_client(config)
    default_client(None)
    assert config == {"url": "https://a"}
