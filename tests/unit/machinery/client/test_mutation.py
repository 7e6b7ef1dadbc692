import pytest

from machinery.api.core.v1 import Pod
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.informer import Informer
from machinery.client.mutation import CacheMutatedError
from machinery.client.reflector import Changed, Scope


def pod(revision: int, **labels: str) -> Pod:
    return Pod(metadata=ObjectMeta(name="a", namespace="default", resource_version=str(revision), labels=labels))


@pytest.fixture
def informer(monkeypatch: pytest.MonkeyPatch) -> Informer[Pod]:
    monkeypatch.setenv("MINI_DETECT_MUTATIONS", "1")
    return Informer(None, Scope(Pod))


def test_who_looks_and_copies_is_not_accused(informer: Informer[Pod]) -> None:
    informer.apply(Changed(pod(1, app="x")))
    cached = informer.lister.get("default", "a")
    cached.replace(metadata=cached.metadata.replace(labels={**cached.metadata.labels, "b": "c"}))
    informer.apply(Changed(pod(2)))
    informer.apply(Changed(pod(3), deleted=True))


def test_who_writes_into_the_cache_is_found(informer: Informer[Pod]) -> None:
    informer.apply(Changed(pod(1, app="x")))
    informer.lister.get("default", "a").metadata.labels["b"] = "c"
    with pytest.raises(CacheMutatedError, match="Pod default/a@1 was changed"):
        informer._store.detector.check()
    with pytest.raises(CacheMutatedError, match='"b":"c"'):
        informer.apply(Changed(pod(2)))


def test_off_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MINI_DETECT_MUTATIONS", raising=False)
    assert Informer(None, Scope(Pod))._store.detector is None
