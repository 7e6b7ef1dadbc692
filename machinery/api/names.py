"""What names may look like, and what the API says of one that does not.

Pure: each function returns the list of complaints about a value, empty = fine; `generate_name` is the one that draws.
In Kubernetes: k8s.io/apimachinery/pkg/util/validation and apiserver's storage/names. Left out: checks that need a
whole object (see the API server's strategies).
"""

from __future__ import annotations

import ipaddress
import random
import re
from collections.abc import Iterable
from functools import lru_cache

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = f"({_QUALIFIED})?"
_WILDCARD = rf"\*\.{_SUBDOMAIN}"
_ENV_NAME = "[-._a-zA-Z][-._a-zA-Z0-9]*"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"
_HTTP_HEADER = "[-A-Za-z0-9]+"
_PERCENT = "[0-9]+%"

_QUALIFIED_RULE = ("must consist of alphanumeric characters, '-', '_' or '.', "
                   "and must start and end with an alphanumeric character")
_QUALIFIED_EXAMPLES = ("MyName", "my.name", "123-abc")


def _too_long(most: int) -> str:
    return f"must be no more than {most} characters"


def _unlike(rule: str, pattern: str, examples: Iterable[str]) -> str:
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{rule} (e.g. {shown}regex used for validation is '{pattern}')"


@lru_cache(maxsize=8192)
def _fits(value: str, pattern: str, most: int) -> bool:
    """Remembered: the names in an object are mostly those of the object before."""
    return not (most and len(value.encode()) > most) and re.fullmatch(pattern, value) is not None


def _matched(value: str, pattern: str, *, rule: str, examples: Iterable[str], most: int = 0) -> list[str]:
    if _fits(value, pattern, most):
        return []
    complaints = [_too_long(most)] if most and len(value.encode()) > most else []
    if not re.fullmatch(pattern, value):
        complaints.append(_unlike(rule, pattern, examples))
    return complaints


def dns_label(value: str) -> list[str]:
    """RFC 1123 label: names of namespaces, containers, hosts."""
    rule = ("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
            "and must start and end with an alphanumeric character")
    return _matched(value, _LABEL, rule=rule, examples=("my-name", "123-abc"), most=63)


def dns_subdomain(value: str) -> list[str]:
    """RFC 1123 subdomain: the name of most objects."""
    rule = ("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
            "and must start and end with an alphanumeric character")
    return _matched(value, _SUBDOMAIN, rule=rule, examples=("example.com",), most=253)


def dns1035_label(value: str) -> list[str]:
    """RFC 1035 label, which starts with a letter: the name of a Service."""
    rule = ("a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
            "start with an alphabetic character, and end with an alphanumeric character")
    return _matched(value, _LABEL_1035, rule=rule, examples=("my-name", "abc-123"), most=63)


def wildcard_subdomain(value: str) -> list[str]:
    rule = ("a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must "
            "consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character")
    return _matched(value, _WILDCARD, rule=rule, examples=("*.example.com",), most=253)


def qualified_name(value: str) -> list[str]:
    """`name` or `prefix.example.com/name`: keys of labels and annotations, taints, resources."""
    return list(_qualified_name(value))


@lru_cache(maxsize=4096)
def _qualified_name(value: str) -> list[str]:
    prefix, slash, name = value.rpartition("/")
    if "/" in prefix:
        what = _unlike(_QUALIFIED_RULE, _QUALIFIED, _QUALIFIED_EXAMPLES)
        return [f"a qualified name {what} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    complaints = []
    if slash and not prefix:
        complaints.append("prefix part must be non-empty")
    elif slash:
        complaints += [f"prefix part {what}" for what in dns_subdomain(prefix)]
    return complaints + [f"name part {what}" for what in _name_part(name)]


def _name_part(name: str) -> list[str]:
    if not name:
        return ["must be non-empty", *_matched(name, _QUALIFIED, rule=_QUALIFIED_RULE, examples=_QUALIFIED_EXAMPLES)]
    return _matched(name, _QUALIFIED, rule=_QUALIFIED_RULE, examples=_QUALIFIED_EXAMPLES, most=63)


label_key = qualified_name


def label_value(value: str) -> list[str]:
    rule = f"a valid label must be an empty string or {_QUALIFIED_RULE.removeprefix('must ')}"
    return _matched(value, _LABEL_VALUE, rule=rule, examples=("MyValue", "my_value", "12345"), most=63)


def path_segment(value: str) -> list[str]:
    """What may stand between two slashes of a URL: names of roles and role bindings."""
    if value in (".", ".."):
        return [f"may not be '{value}'"]
    return [f"may not contain '{char}'" for char in "/%" if char in value]


def env_var_name(value: str) -> list[str]:
    rule = ("a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', "
            "and must not start with a digit")
    examples = ("my.env-name", "MY_ENV.NAME", "MyEnvName1")
    return _matched(value, _ENV_NAME, rule=rule, examples=examples) + _leaves_directory(value)


def config_map_key(value: str) -> list[str]:
    """A key of a ConfigMap or Secret: it can become a file name."""
    rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    examples = ("key.name", "KEY_NAME", "key-name")
    return _matched(value, _CONFIG_KEY, rule=rule, examples=examples, most=253) + _leaves_directory(value)


def _leaves_directory(value: str) -> list[str]:
    if value in (".", ".."):
        return [f"must not be '{value}'"]
    return ["must not start with '..'"] if value.startswith("..") else []


def c_identifier(value: str) -> list[str]:
    rule = ("a valid C identifier must start with alphabetic character or '_', "
            "followed by a string of alphanumeric characters or '_'")
    return _matched(value, _C_IDENTIFIER, rule=rule, examples=("my_name", "MY_NAME", "MyName"))


def http_header_name(value: str) -> list[str]:
    rule = "a valid HTTP header must consist of alphanumeric characters or '-'"
    return _matched(value, _HTTP_HEADER, rule=rule, examples=("X-Header-Name",))


def percent(value: str) -> list[str]:
    rule = "a valid percent string must be a numeric string followed by an ending '%'"
    return _matched(value, _PERCENT, rule=rule, examples=("1%", "93%"))


def in_range(value: int, low: int, high: int) -> list[str]:
    return [] if low <= value <= high else [f"must be between {low} and {high}, inclusive"]


def port_number(value: int) -> list[str]:
    return in_range(value, 1, 65535)


def port_name(value: str) -> list[str]:
    """An IANA service name, such as `http`."""
    return list(_port_name(value))


@lru_cache(maxsize=1024)
def _port_name(value: str) -> list[str]:
    complaints = [_too_long(15)] if len(value) > 15 else []
    if not re.fullmatch("[-a-z0-9]+", value):
        complaints.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", value):
        complaints.append("must contain at least one letter (a-z)")
    if "--" in value:
        complaints.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        complaints.append("must not begin or end with a hyphen")
    return complaints


def ip(value: str) -> list[str]:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]
    return []


def cidr(value: str) -> list[str]:
    try:
        ipaddress.ip_interface(value if "/" in value else "")
    except ValueError:
        return ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]
    return []


def without_trailing_dash(prefix: str) -> str:
    """A generateName may end in a dash, since a suffix follows: check it as if one did."""
    return prefix[:-2] + "a" if len(prefix) > 1 and prefix.endswith("-") else prefix


# No vowels and no 0, 1, 3: no words, nothing to misread.
_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def generate_name(prefix: str, draw: random.Random | None = None) -> str:
    """The prefix (cut to 58 bytes, so that the whole is a DNS label) and five letters."""
    letters = (draw or random).choices(_SUFFIX_LETTERS, k=5)
    return prefix[:58] + "".join(letters)
