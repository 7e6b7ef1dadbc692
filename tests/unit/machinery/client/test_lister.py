from machinery.api.core.v1 import Pod, PodSpec
from machinery.api.labels import parse
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.lister import Lister, Store


def pod(name: str, node: str = "", *, namespace: str = "default", **labels: str) -> Pod:
    return Pod(metadata=ObjectMeta(name=name, namespace=namespace, labels=labels), spec=PodSpec(node_name=node))


def names(pods: list[Pod]) -> list[str]:
    return sorted(p.metadata.name for p in pods)


def make(*pods: Pod) -> tuple[Store[Pod], Lister[Pod]]:
    store: Store[Pod] = Store()
    for each in pods:
        store.put(each)
    return store, Lister(store)


def test_get_list_and_select() -> None:
    _, lister = make(pod("a", app="x"), pod("b", app="y"), pod("a", namespace="kube-system", app="x"))
    assert lister.get("default", "a").metadata.labels == {"app": "x"}
    assert lister.get("default", "c") is None
    assert len(lister) == len(lister.list()) == len(list(lister)) == 3
    assert names(lister.list("default")) == ["a", "b"]
    assert names(lister.list(selector=parse("app=x"))) == ["a", "a"]
    assert names(lister.list("default", parse("app in (x)"))) == ["a"]
    assert lister.list("nowhere") == []


def test_an_index_follows_its_objects() -> None:
    store, lister = make(pod("a", "n1"))
    store.add_index("node", lambda p: [p.spec.node_name] if p.spec.node_name else [])
    store.put(pod("b", "n1"))
    assert names(lister.by_index("node", "n1")) == ["a", "b"]
    store.put(pod("a", "n2"))
    assert (names(lister.by_index("node", "n1")), names(lister.by_index("node", "n2"))) == (["b"], ["a"])
    store.remove(("default", "b"))
    assert lister.by_index("node", "n1") == []
    assert store.remove(("default", "b")) is None
