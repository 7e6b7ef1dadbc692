"""The copy and its handlers, fed by hand; how it is fed by a server is in tests/integration/machinery."""

from machinery.api import scheme
from machinery.api.core.v1 import Pod
from machinery.api.meta.v1 import ObjectMeta, PartialObjectMetadata
from machinery.client.informer import Informer, InformerFactory
from machinery.client.reflector import Changed, Replaced, Scope


def pod(name: str, revision: int, uid: str = "") -> Pod:
    meta = ObjectMeta(name=name, namespace="default", resource_version=str(revision), uid=uid or f"uid-{name}")
    return Pod(metadata=meta)


class Heard:
    """Notes what handlers are told, as `name@old>new`."""

    def __init__(self, informer: Informer[Pod]) -> None:
        self.said: list[str] = []
        informer.on_change(self.note)

    def note(self, old: Pod | None, new: Pod | None) -> None:
        revisions = ">".join(obj.metadata.resource_version if obj else "-" for obj in (old, new))
        self.said.append(f"{(new or old).metadata.name}@{revisions}")

    def since(self) -> list[str]:
        said, self.said = self.said, []
        return said


def make() -> Informer[Pod]:
    return Informer(None, Scope(Pod))


def test_added_updated_deleted() -> None:
    informer = make()
    heard = Heard(informer)
    informer.apply(Replaced((pod("a", 1),)))
    informer.apply(Changed(pod("b", 2)))
    informer.apply(Changed(pod("a", 3)))
    informer.apply(Changed(pod("b", 4), deleted=True))
    assert heard.since() == ["a@->1", "b@->2", "a@1>3", "b@4>-"]
    assert [p.metadata.name for p in informer.lister.list()] == ["a"]


def test_a_new_list_tells_only_what_differs() -> None:
    informer = make()
    informer.apply(Replaced((pod("a", 1), pod("b", 2), pod("c", 3))))
    heard = Heard(informer)
    assert heard.since() == ["a@->1", "b@->2", "c@->3"]
    informer.apply(Replaced((pod("a", 1), pod("b", 9), pod("d", 8))))
    assert heard.since() == ["c@3>-", "b@2>9", "d@->8"]


def test_made_again_under_the_same_name_is_two_changes() -> None:
    informer = make()
    informer.apply(Replaced((pod("a", 1, "old"),)))
    heard = Heard(informer)
    heard.since()
    informer.apply(Replaced((pod("a", 5, "new"),)))
    assert heard.since() == ["a@1>-", "a@->5"]


def test_deleting_what_is_not_there_is_silent() -> None:
    informer = make()
    heard = Heard(informer)
    informer.apply(Changed(pod("a", 1), deleted=True))
    assert heard.since() == []


def test_handlers_see_the_copy_already_changed() -> None:
    informer, seen = make(), []
    informer.on_change(lambda old, new: seen.append(len(informer.lister)))
    informer.apply(Changed(pod("a", 1)))
    informer.apply(Changed(pod("a", 2), deleted=True))
    assert seen == [1, 0]


def test_synced_with_the_first_list_even_if_it_is_empty() -> None:
    informer = make()
    assert not informer.has_synced
    informer.apply(Replaced(()))
    assert informer.has_synced


def test_who_needs_metadata_alone_shares_whole_objects_or_keeps_no_more_than_that() -> None:
    factory = InformerFactory(None)
    whole = factory.informer(Pod)
    assert factory.metadata(scheme.for_model(Pod)) is whole
    secrets = factory.metadata(scheme.for_kind("v1", "Secret"))
    assert (secrets.scope.kind, secrets.scope.path) == (PartialObjectMetadata, "/api/v1/secrets")
    assert factory.metadata(scheme.for_kind("v1", "Secret")) is secrets
    assert factory.metadata(scheme.for_kind("v1", "ConfigMap")) is not secrets
