"""Accept headers of real clients, and what becomes of those that nobody should send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apiserver.negotiation import DISCOVERY, NOTHING, OFFERED, Form, form_of, negotiate, stream_form
from machinery.api.errors import NotAcceptable

KUBECTL = (
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
)
DISCOVERING = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)
PROTOBUF = "application/vnd.kubernetes.protobuf"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", Form()),
        ("*/*", Form()),
        ("*", Form()),
        ("application/*", Form()),
        ("application/json", Form()),
        ("application/json, */*", Form()),
        ("application/json; charset=utf-8", Form()),
        ("application/json;stream=watch", Form()),
        ("application/json;pretty=1", Form(pretty=True)),
        ("application/json;pretty=true", Form()),
        (KUBECTL, Form(as_kind="Table", version="v1")),
        (PROTOBUF, Form(PROTOBUF)),
        (f"{PROTOBUF},application/json", Form(PROTOBUF)),
        (f"{PROTOBUF};stream=watch", Form(PROTOBUF)),
        (f"{PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1", Form(PROTOBUF, "PartialObjectMetadata")),
        (f"{PROTOBUF};as=Table;g=meta.k8s.io;v=v1,{KUBECTL}", Form(as_kind="Table")),
        ("application/yaml", Form("application/yaml")),
        ("application/yaml;as=Table;g=meta.k8s.io;v=v1beta1", Form("application/yaml", "Table", "v1beta1")),
        (
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
            Form(as_kind="PartialObjectMetadataList"),
        ),
        ("application/json;as=Nonsense;v=v1;g=meta.k8s.io,application/json", Form()),
        ("application/json;as=Table;v=v2;g=meta.k8s.io,application/yaml", Form("application/yaml")),
        ("text/html;q=0.9,application/yaml;q=0.5,application/json;q=0.8", Form()),
        ("application/json;q=0.1,application/yaml", Form("application/yaml")),
        ("*/*,application/yaml", Form("application/yaml")),
        ("application/yaml;q=good", Form("application/yaml")),
        ("application/cbor,application/json", Form()),
    ],
)
def test_forms(accept: str, form: Form) -> None:
    assert negotiate(accept) == form


@pytest.mark.parametrize(
    "accept",
    ["image/png", "application/cbor", "application/json;as=Nonsense;v=v1;g=meta.k8s.io", "application/json;v=v1", " "],
)
def test_nothing_in_common(accept: str) -> None:
    with pytest.raises(NotAcceptable) as refused:
        negotiate(accept)
    assert refused.value.message == (
        "only the following media types are accepted: "
        "application/json, application/yaml, application/vnd.kubernetes.protobuf"
    )


_WORDS = st.sampled_from([
    "application", "json", "yaml", "vnd.kubernetes.protobuf", "*", "/", ";", ",", "=", " ", "q", "0.5", "nan", "as",
    "Table", "g", "meta.k8s.io", "v", "v1", "stream", "watch", "pretty", "1", "é", "",
])  # fmt: skip


@given(st.lists(_WORDS, max_size=30).map("".join))
def test_any_header_gets_a_form_or_a_refusal(accept: str) -> None:
    try:
        form = negotiate(accept)
    except NotAcceptable:
        return
    assert form.media_type in OFFERED


def test_errors_are_never_turned_into_tables() -> None:
    assert negotiate(KUBECTL, transforms=NOTHING) == Form()


def test_discovery_has_forms_of_its_own() -> None:
    assert negotiate(DISCOVERING, transforms=DISCOVERY) == Form(as_kind="APIGroupDiscoveryList", version="v2")
    assert negotiate(DISCOVERING) == Form()
    older = DISCOVERING.partition(",")[2]
    assert negotiate(older, transforms=DISCOVERY).version == "v2beta1"


def test_frames_come_in_json_and_protobuf_only() -> None:
    assert stream_form({"Accept": "application/json;pretty=1"}) == Form()
    assert stream_form({"Accept": f"{PROTOBUF};stream=watch,application/json"}) == Form(PROTOBUF)
    with pytest.raises(NotAcceptable) as refused:
        stream_form({"Accept": "application/yaml"})
    assert refused.value.message == (
        "only the following media types are accepted: "
        "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"
    )


@pytest.mark.parametrize(
    ("agent", "query", "pretty"),
    [
        ("kubectl/v1.32.0", {}, False),
        ("curl/8.5.0", {}, True),
        ("Mozilla/5.0 (X11)", {}, True),
        ("curl/8.5.0", {"pretty": "false"}, False),
        ("kubectl/v1.32.0", {"pretty": "true"}, True),
        ("kubectl/v1.32.0", {"pretty": "yes"}, False),
    ],
)
def test_people_get_lines(agent: str, query: dict[str, str], pretty: bool) -> None:
    assert form_of({"User-Agent": agent}, query).pretty is pretty
