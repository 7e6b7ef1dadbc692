"""Field selectors: what matches, escapes, refusals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api import fields
from machinery.api.errors import BadRequest
from machinery.api.fields import FieldSelector, Requirement

POD = {"metadata.name": "web", "status.phase": "Running"}


@pytest.mark.parametrize(("text", "expected"), [
    ("", True), ("metadata.name=web", True), ("metadata.name==web", True), ("metadata.name=db", False),
    ("status.phase!=Failed", True), ("status.phase!=Running", False), ("spec.nodeName=", True),
    ("spec.nodeName!=", False), ("metadata.name=web,status.phase=Running", True), (",,metadata.name=web,", True),
])
def test_matches(text: str, expected: bool) -> None:
    assert fields.parse(text).matches(POD) is expected


@pytest.mark.parametrize(("text", "message"), [
    ("web", "invalid selector: 'web'; can't understand 'web'"),
    ("a=b=c", "invalid field selector: unescaped character in value: 61"),
    ("a=\\x", "invalid field selector: invalid escape sequence: \\x"),
    ("a=\\", "invalid field selector: invalid escape sequence: \\"),
])
def test_refused_in_kubernetes_words(text: str, message: str) -> None:
    with pytest.raises(BadRequest) as refused:
        fields.parse(text)
    assert str(refused.value) == message


def test_requirements_are_sorted_and_normalised() -> None:
    assert fields.parse("b!=2,a==1").requirements == (Requirement("a", "=", "1"), Requirement("b", "!=", "2"))
    assert fields.parse("").empty
    assert fields.parse("a=1,b!=2").exact("a") == "1"
    assert fields.parse("a=1,b!=2").exact("b") is None


requirements = st.builds(Requirement, st.sampled_from(["metadata.name", "spec.nodeName"]),
                         st.sampled_from(["=", "!="]), st.text(max_size=8))


@given(requirements)
def test_any_value_can_be_escaped(requirement: Requirement) -> None:
    assert fields.parse(str(requirement)) == FieldSelector((requirement,))


@given(st.lists(requirements, max_size=3))
def test_written_selectors_read_back(many: list[Requirement]) -> None:
    selector = fields.parse(",".join(map(str, many)))
    assert fields.parse(str(selector)) == selector
    assert sorted(map(str, selector.requirements)) == sorted(map(str, many))


@given(st.text(alphabet="ab=!,\\", max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        selector = fields.parse(text)
    except BadRequest:
        return
    assert fields.parse(str(selector)) == selector
