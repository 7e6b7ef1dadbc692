"""The query parameters of a request, as small frozen classes: ListOptions, WriteOptions, DeleteOptions.

Pure. What is malformed is a BadRequest in Kubernetes' wording.
Real Kubernetes: meta/v1's *Options and their validation in apimachinery.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from machinery.api import fields, labels
from machinery.api.errors import BadRequest, Expired, FieldError, Invalid
from machinery.api.fields import FieldSelector
from machinery.api.labels import Selector

Query = Mapping[str, str]
LONGEST_MANAGER = 128
_TRUE = ("true", "1", "", "True", "TRUE", "t", "T")


def flag(query: Query, name: str) -> bool:
    """A boolean parameter; `?watch` alone means true."""
    return name in query and query[name] in _TRUE


def number(query: Query, name: str) -> int:
    text = query.get(name, "")
    if not text:
        return 0
    try:
        return int(text)
    except ValueError:
        raise BadRequest(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None


def revision(text: str, *, field: str = "resourceVersion") -> int:
    """A resourceVersion as the number it is to us; 0 also stands for "not given"."""
    if not text:
        return 0
    if not text.isdecimal():
        raise Invalid("ListOptions", "", [FieldError.invalid(field, text, "strconv.ParseUint: invalid syntax")])
    return int(text)


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What a list, watch or deletecollection asks for."""

    label_selector: Selector | None = None
    field_selector: FieldSelector | None = None
    resource_version: str = ""
    resource_version_match: str = ""
    limit: int = 0
    continue_token: str = ""
    timeout_seconds: int = 0
    bookmarks: bool = False
    send_initial_events: bool | None = None

    @property
    def revision(self) -> int:
        return revision(self.resource_version)

    @property
    def selective(self) -> bool:
        return self.label_selector is not None or self.field_selector is not None


def list_options(query: Query) -> ListOptions:
    """Read and check the parameters of a list or watch."""
    options = ListOptions(
        label_selector=_label_selector(query.get("labelSelector", "")),
        field_selector=_field_selector(query.get("fieldSelector", "")),
        resource_version=query.get("resourceVersion", ""),
        resource_version_match=query.get("resourceVersionMatch", ""),
        limit=max(number(query, "limit"), 0),
        continue_token=query.get("continue", ""),
        timeout_seconds=number(query, "timeoutSeconds"),
        bookmarks=flag(query, "allowWatchBookmarks"),
        send_initial_events=flag(query, "sendInitialEvents") if "sendInitialEvents" in query else None,
    )
    if errors := _list_errors(options, watch=flag(query, "watch")):
        raise Invalid("ListOptions", "", errors, group="meta.k8s.io")
    return options


def _list_errors(options: ListOptions, *, watch: bool) -> list[FieldError]:
    match, version = options.resource_version_match, options.resource_version
    revision(version)
    if watch:
        if match and options.send_initial_events is None:
            why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            return [FieldError.forbidden("resourceVersionMatch", why)]
        if options.send_initial_events is not None and match != "NotOlderThan":
            why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            return [FieldError.forbidden("resourceVersionMatch", why)]
        return []
    if options.send_initial_events is not None:
        return [FieldError.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")]
    if not match:
        return []
    if match not in ("Exact", "NotOlderThan"):
        return [FieldError.not_supported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""])]
    if not version:
        why = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        return [FieldError.forbidden("resourceVersionMatch", why)]
    if options.continue_token:
        why = "resourceVersionMatch is forbidden when continue is provided"
        return [FieldError.forbidden("resourceVersionMatch", why)]
    if match == "Exact" and version == "0":
        why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        return [FieldError.forbidden("resourceVersionMatch", why)]
    return []


def _label_selector(text: str) -> Selector | None:
    return labels.parse(text) if text else None


def _field_selector(text: str) -> FieldSelector | None:
    return fields.parse(text) if text else None


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What a create, update or patch asks for beside its body."""

    dry_run: bool = False
    field_manager: str = ""
    field_validation: str = ""
    force: bool = False


def write_options(query: Query) -> WriteOptions:
    validation = query.get("fieldValidation", "")
    if validation not in ("", "Ignore", "Warn", "Strict"):
        error = FieldError.not_supported("fieldValidation", validation, ["", "Ignore", "Warn", "Strict"])
        raise Invalid("CreateOptions", "", [error], group="meta.k8s.io")
    dry_run = dry_run_of(query.get("dryRun", ""))
    manager = query.get("fieldManager", "")
    if errors := _manager_errors(manager):
        raise Invalid("CreateOptions", "", errors, group="meta.k8s.io")
    return WriteOptions(dry_run, manager, validation, flag(query, "force"))


def patch_options(query: Query, *, apply: bool) -> WriteOptions:
    """The same for patches: an apply must say who applies, and only an apply may force."""
    error = None
    if apply and not query.get("fieldManager"):
        error = FieldError.required("fieldManager", "is required for apply patch")
    elif not apply and "force" in query:
        error = FieldError.forbidden("force", "may not be specified for non-apply patch")
    if error is not None:
        raise Invalid("PatchOptions", "", [error], group="meta.k8s.io")
    return write_options(query)


def _manager_errors(manager: str) -> list[FieldError]:
    if len(manager.encode()) > LONGEST_MANAGER:
        return [FieldError.too_long("fieldManager", manager, LONGEST_MANAGER)]
    if not manager.isprintable():
        return [FieldError.invalid("fieldManager", manager, "should only contain printable characters")]
    return []


def dry_run_of(value: str) -> bool:
    if value not in ("", "All"):
        error = FieldError.not_supported("dryRun", value, ["All"])
        raise Invalid("CreateOptions", "", [error], group="meta.k8s.io")
    return value == "All"


@dataclass(frozen=True, slots=True)
class Token:
    """Where a page ended: the list's revision and the key to go on after."""

    revision: int
    after: str


def encode_token(token: Token) -> str:
    text = orjson.dumps({"v": "meta.k8s.io/v1", "rv": token.revision, "start": token.after})
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def decode_token(text: str) -> Token:
    try:
        document = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Token(int(document["rv"]), str(document["start"]))
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise BadRequest("continue key is not valid: encoding of the continue token is malformed") from None


def expired_token() -> Expired:
    return Expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        "without the continue parameter, or use the continue token in this response to retrieve the remainder of "
        "the results."
    )
