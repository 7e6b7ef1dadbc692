"""Names: what is fine, what is not and in which words."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api import names

CHECKS = {
    names.dns_label: (["a", "a-1", "1", "a" * 63], ["", "A", "-a", "a-", "a.b", "a_b", "a\n", "a" * 64]),
    names.dns_subdomain: (["a", "a.b-c.d", "a" * 253], ["", "a..b", ".a", "a.", "A.b", "a" * 254]),
    names.dns1035_label: (["a", "a-1"], ["1a", "", "a-", "A", "a" * 64]),
    names.wildcard_subdomain: (["*.a.com"], ["*", "a.com", "*.*.com"]),
    names.qualified_name: (["a", "A_b.c", "example.com/x"], ["", "/x", "a/", "a/b/c", "A.com/x", "x" * 64, "_x"]),
    names.label_value: (["", "a", "A_b.c"], ["-a", "a b", "a" * 64]),
    names.env_var_name: (["A", "_a.b-c"], ["", "1a", "a=b", ".."]),
    names.config_map_key: (["a", ".a", "A_b"], ["", "a/b", ".", "..", "..a", "a" * 254]),
    names.c_identifier: (["a", "_A1"], ["", "1a", "a-b"]),
    names.http_header_name: (["X-A"], ["", "a b"]),
    names.percent: (["1%", "100%"], ["", "%", "1", "-1%"]),
    names.path_segment: (["system:node", ""], [".", "..", "a/b", "a%b"]),
    names.port_name: (["http", "h-1"], ["", "80", "a--b", "-a", "A", "a" * 16]),
    names.port_number: ([1, 65535], [0, 65536]),
    names.ip: (["10.0.0.1", "2001:db8::1"], ["", "10.0.0", "x"]),
    names.cidr: (["10.0.0.0/8", "fd00::/8"], ["", "10.0.0.0", "10.0.0.0/33"]),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_good_and_bad(check: object) -> None:
    good, bad = CHECKS[check]
    assert {value: check(value) for value in good} == {value: [] for value in good}
    assert [value for value in bad if not check(value)] == []


def test_words_are_kubernetes() -> None:
    assert names.dns_label("A") == [
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
        "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"]
    assert names.dns_label("a" * 64) == ["must be no more than 63 characters"]
    assert names.qualified_name("/x") == ["prefix part must be non-empty"]
    assert names.qualified_name("") == ["name part must be non-empty", "name part " + names.qualified_name("_")[0][10:]]
    assert names.port_number(0) == ["must be between 1 and 65535, inclusive"]
    assert names.label_value(" ") == [
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
        "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
        "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"]


def test_generated_names() -> None:
    name = names.generate_name("web-", random.Random(1))
    assert re.fullmatch("web-[bcdfghjklmnpqrstvwxz2456789]{5}", name)
    assert names.generate_name("web-", random.Random(1)) == name
    assert len(names.generate_name("x" * 80)) == 63
    assert names.without_trailing_dash("web-") == "wea"
    assert names.without_trailing_dash("web") == "web"


@given(st.from_regex("[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?", fullmatch=True))
def test_a_label_is_also_everything_wider(name: str) -> None:
    assert names.dns_label(name) == names.dns_subdomain(name) == names.qualified_name(name) == []
    assert names.dns_label(names.generate_name(name + "-")) == []


@given(st.text(max_size=70))
def test_any_text_gets_an_answer(text: str) -> None:
    for check in CHECKS:
        if check is not names.port_number:
            assert isinstance(check(text), list)
