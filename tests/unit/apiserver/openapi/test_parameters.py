"""Query parameters: what the options classes say, and nothing that does not fit into a query."""

from __future__ import annotations

from apiserver.openapi.field_docs import field_docs
from apiserver.openapi.operations import operations
from apiserver.openapi.parameters import Parameter, parameters
from apiserver.registry.kinds import strategies
from machinery.api.core.v1 import PodExecOptions, PodLogOptions
from machinery.api.meta.v1 import DeleteOptions, ListOptions, PatchOptions

ROWS = [strategy.resource for strategy in strategies(None, event_ttl=1)]  # type: ignore[arg-type]


def names(found: tuple[Parameter, ...]) -> set[str]:
    return {parameter.name for parameter in found}


def test_they_are_the_fields_of_the_class_under_its_texts() -> None:
    found = parameters(PatchOptions)
    assert [parameter.name for parameter in found] == ["dryRun", "fieldManager", "fieldValidation", "force"]
    assert found[3] == Parameter("force", "boolean", field_docs(PatchOptions)["force"])
    assert Parameter("continue", "string", field_docs(ListOptions)["continue_"]) in parameters(ListOptions)


def test_objects_and_times_do_not_fit() -> None:
    assert "preconditions" not in names(parameters(DeleteOptions))
    assert "sinceTime" not in names(parameters(PodLogOptions))


def test_each_value_of_a_list_is_given_by_itself() -> None:
    assert next(each.type for each in parameters(PodExecOptions) if each.name == "command") == "string"


def test_every_verb_has_those_of_its_options() -> None:
    pods = {each.identity: names(each.parameters) for each in operations(ROWS)}
    assert pods["listCoreV1NamespacedPod"] == names(parameters(ListOptions))
    assert pods["readCoreV1NamespacedPod"] == set()
    assert pods["deleteCollectionCoreV1NamespacedPod"] == (
        names(parameters(DeleteOptions, ListOptions)) - {"watch", "allowWatchBookmarks"}
    )
    assert pods["readCoreV1NamespacedPodLog"] == names(parameters(PodLogOptions))
    assert pods["connectCoreV1PostNamespacedPodExec"] == names(parameters(PodExecOptions))
