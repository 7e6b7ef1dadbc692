"""Label selectors: what matches, what is refused and in which words, and that text and selector agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api import labels
from machinery.api.errors import BadRequest
from machinery.api.labels import Requirement, Selector
from machinery.api.meta.v1 import LabelSelector, LabelSelectorRequirement

WEB = {"app": "web", "tier": "front", "weight": "5", "empty": ""}


@pytest.mark.parametrize(("text", "expected"), [
    ("", True), ("app=web", True), ("app==web", True), ("app=db", False), ("app!=db", True), ("app!=web", False),
    ("absent!=x", True), ("absent=x", False), ("app", True), ("absent", False), ("!absent", True), ("!app", False),
    ("app in (db, web)", True), ("app in (db)", False), ("app notin (db)", True), ("absent notin (db)", True),
    ("absent in (db)", False), ("weight>4", True), ("weight>5", False), ("weight<6", True), ("app>1", False),
    ("absent<6", False), ("empty=", True), ("app=", False), ("empty in (,x)", True), ("app=web,tier=front", True),
    ("app=web,tier=back", False), (" app = web , !absent ", True), ("in in (in)", False), ("empty in ()", True),
])
def test_matches(text: str, expected: bool) -> None:
    assert labels.parse(text).matches(WEB) is expected


@pytest.mark.parametrize(("text", "message"), [
    ("=", "found '=', expected: !, identifier, or 'end of string'"),
    ("a,", "found '', expected: identifier after ','"),
    ("a=b c", "found 'c', expected: ',' or 'end of string'"),
    ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
    ("!", "unable to parse requirement: found '', expected: identifier"),
    ("a in b", "unable to parse requirement: found 'b' expected: '('"),
    ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
    ("a in (b,=", "unable to parse requirement: found '=', expected: ',', or identifier"),
    ("a in (=", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
    ("a==!", "unable to parse requirement: found '!', expected: identifier"),
    ("!a=b", "found '=', expected: ',' or 'end of string'"),
    ("a>x", "unable to parse requirement: values[0]: Invalid value: \"x\": "
            "for 'Gt', 'Lt' operators, the value must be an integer"),
])
def test_refused_in_kubernetes_words(text: str, message: str) -> None:
    with pytest.raises(BadRequest) as refused:
        labels.parse(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(("text", "start"), [
    ("a&=b", 'unable to parse requirement: <nil>: Invalid value: "a&": name part must consist of'),
    ("a=b&", 'unable to parse requirement: values[0][a]: Invalid value: "b&": a valid label must be an empty string'),
])
def test_bad_keys_and_values_are_named(text: str, start: str) -> None:
    with pytest.raises(BadRequest) as refused:
        labels.parse(text)
    assert str(refused.value).startswith(start)


def test_written_sorted_by_key() -> None:
    assert str(labels.parse("z notin (b,a),a, !b ,c==1,d>5")) == "a,!b,c==1,d>5,z notin (a,b)"


def test_label_selector_objects() -> None:
    selector = LabelSelector(
        match_labels={"app": "web"},
        match_expressions=(LabelSelectorRequirement(key="tier", operator="In", values=("front", "back")),
                           LabelSelectorRequirement(key="old", operator="DoesNotExist")))
    assert str(labels.from_label_selector(selector)) == "app=web,!old,tier in (back,front)"
    assert labels.from_label_selector(selector).matches(WEB)


def test_no_selector_matches_nothing_and_an_empty_one_everything() -> None:
    assert not labels.from_label_selector(None).matches(WEB)
    assert labels.from_label_selector(LabelSelector()).matches({})
    assert labels.from_label_selector(LabelSelector()).empty
    assert labels.everything().empty and not labels.nothing().empty


@pytest.mark.parametrize("expression", [
    LabelSelectorRequirement(key="a", operator="Like", values=("b",)),
    LabelSelectorRequirement(key="a", operator="In"),
    LabelSelectorRequirement(key="a", operator="Exists", values=("b",)),
    LabelSelectorRequirement(key="&", operator="Exists"),
])
def test_impossible_expressions_are_refused(expression: LabelSelectorRequirement) -> None:
    with pytest.raises(BadRequest):
        labels.from_label_selector(LabelSelector(match_expressions=(expression,)))


def test_exact_lets_an_index_answer() -> None:
    assert labels.parse("a=1,b in (2),c in (3,4)").exact("a") == "1"
    assert labels.parse("b in (2)").exact("b") == "2"
    assert labels.parse("c in (3,4)").exact("c") is None
    assert labels.parse("a=1").exact("z") is None


keys = st.sampled_from(["app", "example.com/tier", "in", "notin", "x-1"])
values = st.sampled_from(["", "a", "b", "in", "1", "20", "a.b-c_d"])
numbers = st.integers(-99, 99).map(lambda number: str(abs(number)))
requirements = st.one_of(
    st.builds(lambda key, op, value: Requirement(key, op, (value,)), keys, st.sampled_from(["=", "==", "!="]), values),
    st.builds(lambda key, op, many: Requirement(key, op, tuple(sorted(many))),
              keys, st.sampled_from(["in", "notin"]), st.sets(values, min_size=1)),
    st.builds(lambda key, op, value: Requirement(key, op, (value,)), keys, st.sampled_from(["gt", "lt"]), numbers),
    st.builds(Requirement, keys, st.sampled_from(["exists", "!"])),
)
selectors = st.lists(requirements, max_size=4).map(
    lambda found: Selector(tuple(sorted(found, key=lambda requirement: requirement.key))))


@given(selectors)
def test_written_selectors_read_back(selector: Selector) -> None:
    assert labels.parse(str(selector)) == selector


@given(selectors, st.dictionaries(keys, values))
def test_all_requirements_must_hold(selector: Selector, object_labels: dict[str, str]) -> None:
    each = [labels.parse(str(requirement)).matches(object_labels) for requirement in selector.requirements]
    assert selector.matches(object_labels) == all(each)


@given(keys, st.sets(values, min_size=1), st.dictionaries(keys, values))
def test_notin_is_the_opposite_of_in(key: str, many: set[str], object_labels: dict[str, str]) -> None:
    inside = Requirement(key, "in", tuple(many))
    assert inside.matches(object_labels) != Requirement(key, "notin", tuple(many)).matches(object_labels)


@given(st.text(alphabet="ab=!(),<> in", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        selector = labels.parse(text)
    except BadRequest:
        return
    assert labels.parse(str(selector)) == selector


@given(st.dictionaries(keys, values))
def test_own_labels_match(object_labels: dict[str, str]) -> None:
    assert labels.from_labels(object_labels).matches({**object_labels, "more": "yes"})
