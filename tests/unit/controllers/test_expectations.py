"""Acting on an old copy would make a pod twice: these are the ways in which a copy can be old."""

from __future__ import annotations

from controllers.expectations import EXPIRY_SECONDS, Expectations
from machinery.api.core.v1 import Pod
from machinery.client.informer import InformerFactory
from machinery.client.reflector import Changed, Replaced
from machinery.component.clock import FakeClock
from tests.support.objects import NOW, pod


class Copy:
    def __init__(self, *pods: Pod) -> None:
        self.clock = FakeClock()
        self.informer = InformerFactory(None).informer(Pod)
        self.informer.apply(Replaced(pods))
        self.expectations = Expectations(self.informer, self.clock)

    def met(self) -> bool:
        return self.expectations.met("default/web")

    def created(self, obj: Pod) -> None:
        self.expectations.created("default/web", obj)

    def deleted(self, obj: Pod) -> None:
        self.expectations.deleted("default/web", obj)

    def see(self, obj: Pod, *, deleted: bool = False) -> None:
        self.informer.apply(Changed(obj, deleted))


def at(name: str, revision: int, **meta: object) -> Pod:
    return pod(name, metadata={"resource_version": str(revision), **meta})


def test_what_was_made_must_be_seen():
    copy = Copy()
    copy.created(at("a", 10))
    assert not copy.met()
    copy.see(at("other", 9))
    assert not copy.met()
    copy.see(at("a", 10))
    assert copy.met()


def test_it_may_have_been_seen_before_the_answer_came():
    copy = Copy()
    copy.see(at("a", 10))
    copy.created(at("a", 10))
    assert copy.met()


def test_it_may_have_come_and_gone():
    copy = Copy()
    copy.see(at("a", 10))
    copy.see(at("a", 12), deleted=True)
    copy.created(at("a", 10))
    assert copy.met()


def test_what_was_deleted_must_be_seen_leaving_or_gone():
    for last in (lambda c: c.see(at("a", 11), deleted=True),
                 lambda c: c.see(at("a", 11, deletion_timestamp=NOW)),
                 lambda c: c.see(at("a", 11, uid="another"))):
        copy = Copy(at("a", 10))
        copy.deleted(at("a", 10))
        assert not copy.met()
        last(copy)
        assert copy.met()


def test_keys_do_not_wait_for_each_other_and_nobody_waits_for_ever():
    copy = Copy()
    copy.created(at("a", 10))
    assert copy.expectations.met("default/other")
    copy.clock.advance(EXPIRY_SECONDS)
    assert copy.met()
