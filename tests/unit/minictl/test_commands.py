"""The pure parts of commands: rollout sentences, image patches, selectors, label words, durations."""

from __future__ import annotations

from typing import Any

import pytest

from minictl.commands.rollout import progress
from minictl.commands.set import image_patch
from minictl.durations import seconds
from minictl.failure import Failure
from minictl.metadata_edit import changes


def deployment(generation: int = 1, **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "web", "generation": generation}, "spec": {"replicas": 3},
            "status": {"observedGeneration": 1, **status}}  # fmt: skip


@pytest.mark.parametrize(
    ("live", "line", "done"),
    [
        (deployment(2), "Waiting for deployment spec update to be observed...", False),
        (deployment(updatedReplicas=1), "1 out of 3 new replicas have been updated...", False),
        (deployment(updatedReplicas=3, replicas=4), "1 old replicas are pending termination...", False),
        (deployment(updatedReplicas=3, replicas=3, availableReplicas=2), "2 of 3 updated replicas", False),
        (deployment(updatedReplicas=3, replicas=3, availableReplicas=3), "successfully rolled out", True),
    ],
)
def test_rollout_sentences(live: dict[str, Any], line: str, done: bool) -> None:
    said, ended = progress(live)
    assert line in said
    assert ended is done


def test_a_stuck_rollout_is_a_failure() -> None:
    stuck = deployment(conditions=[{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}])
    with pytest.raises(Failure, match='deployment "web" exceeded its progress deadline'):
        progress(stuck)


def test_image_patch_names_only_what_changes() -> None:
    live = {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "2"}]}}}}
    patch = image_patch(live, {"*": "2"})
    assert patch == {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "2"}]}}}}
    assert image_patch(live, {"b": "2"}) is None
    with pytest.raises(Failure, match='unable to find container named "c"'):
        image_patch(live, {"c": "2"})


def test_label_words() -> None:
    assert changes(["pod", "web", "a=1", "b-", "c="]) == (["pod", "web"], {"a": "1", "b": None, "c": ""})


@pytest.mark.parametrize(("text", "total"), [("5s", 5), ("2m", 120), ("1h2m3s", 3723)])
def test_durations(text: str, total: int) -> None:
    assert seconds(text, "--since") == total


def test_a_wrong_duration_says_how_to_write_it() -> None:
    with pytest.raises(Failure, match="5s, 2m or 3h"):
        seconds("soon", "--since")
