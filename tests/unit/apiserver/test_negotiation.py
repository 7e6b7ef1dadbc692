"""Accept headers of real clients."""

from __future__ import annotations

import pytest

from apiserver.negotiation import Form, negotiate
from machinery.api.errors import NotAcceptable

KUBECTL = (
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", Form()),
        ("*/*", Form()),
        ("application/json", Form()),
        ("application/json, */*", Form()),
        (KUBECTL, Form(as_kind="Table", version="v1")),
        ("application/vnd.kubernetes.protobuf,application/json", Form()),
        ("application/yaml", Form("application/yaml")),
        ("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", Form(as_kind="PartialObjectMetadata")),
        ("application/json;as=Nonsense;v=v1;g=meta.k8s.io,application/json", Form()),
        ("text/html;q=0.9,application/yaml;q=0.5,application/json;q=0.8", Form()),
    ],
)
def test_forms(accept: str, form: Form) -> None:
    assert negotiate(accept) == form


@pytest.mark.parametrize("accept", ["image/png", "application/json;as=Nonsense;v=v1;g=meta.k8s.io"])
def test_nothing_in_common(accept: str) -> None:
    with pytest.raises(NotAcceptable, match="only the following media types are accepted: application/json"):
        negotiate(accept)
