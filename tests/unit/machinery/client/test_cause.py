import asyncio

from machinery.api.core.v1 import Node, Pod
from machinery.api.meta.v1 import ObjectMeta
from machinery.client import cause


def test_no_cause_no_headers() -> None:
    assert cause.headers() == {}


def test_headers_say_who_why_and_what_for() -> None:
    with cause.acting("replicaset", "default/web", ("Pod/default/web-1@7", "ReplicaSet/default/web@9")):
        assert cause.headers() == {
            "Mini-Actor": "replicaset", "Mini-Key": "default/web",
            "Mini-Woken-By": "Pod/default/web-1@7,ReplicaSet/default/web@9",
        }
    assert cause.headers() == {}


def test_the_inner_cause_wins_and_the_outer_returns() -> None:
    with cause.acting("outer", "a"):
        with cause.acting("inner", "b"):
            assert cause.headers()["Mini-Actor"] == "inner"
        assert cause.headers() == {"Mini-Actor": "outer", "Mini-Key": "a"}


def test_nothing_can_smuggle_a_header() -> None:
    with cause.acting("x", "a\r\nEvil: 1", ("é",)):
        assert cause.headers() == {"Mini-Actor": "x", "Mini-Key": "a%0D%0AEvil: 1", "Mini-Woken-By": "%C3%A9"}


async def test_tasks_inherit_and_do_not_disturb_each_other() -> None:
    async def act(name: str) -> str:
        with cause.acting(name, "key"):
            await asyncio.sleep(0)
            return await asyncio.create_task(read())

    async def read() -> str:
        return cause.headers()["Mini-Actor"]

    assert await asyncio.gather(act("a"), act("b")) == ["a", "b"]


def test_reference() -> None:
    pod = Pod(metadata=ObjectMeta(name="web", namespace="default", resource_version="12"))
    assert cause.reference(pod) == "Pod/default/web@12"
    assert cause.reference(Node(metadata=ObjectMeta(name="n", resource_version="3"))) == "Node/n@3"
