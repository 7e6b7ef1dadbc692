"""The query parameters of a request, as small frozen classes: ListOptions, WriteOptions, DeleteOptions.

Pure. What is malformed is a BadRequest in Kubernetes' wording.
Real Kubernetes: meta/v1's *Options and their validation in apimachinery.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from machinery.api import fields, labels
from machinery.api.errors import BadRequest, FieldError, Invalid
from machinery.api.field_errors import quote
from machinery.api.fields import FieldSelector
from machinery.api.labels import Selector

Query = Mapping[str, str]
GROUP = "meta.k8s.io"
LONGEST_MANAGER = 128


def flag(query: Query, name: str) -> bool:
    """A boolean parameter: whatever is there and is neither false nor 0 means true, `?watch` alone as well."""
    return name in query and query[name].lower() not in ("false", "0")


def number(query: Query, name: str) -> int:
    """A 64-bit number; 0 when it is not given."""
    return _integer(query[name]) if name in query else 0


def _integer(text: str) -> int:
    if not re.fullmatch("[+-]?[0-9]+", text, re.ASCII):
        raise BadRequest(f"strconv.ParseInt: parsing {quote(text)}: invalid syntax")
    if len(text) > 30 or not -(2**63) <= int(text) < 2**63:
        raise BadRequest(f"strconv.ParseInt: parsing {quote(text)}: value out of range")
    return int(text)


def revision(text: str, *, field: str = "resourceVersion") -> int:
    """A resourceVersion as the number it is to us; 0 also stands for "not given"."""
    if not text:
        return 0
    why = ""
    if not re.fullmatch("[0-9]+", text, re.ASCII):
        why = "invalid syntax"
    elif len(text) > 30 or int(text) >= 2**64:
        why = "value out of range"
    if why:
        why = f"strconv.ParseUint: parsing {quote(text)}: {why}"
        raise Invalid("ListOptions", "", [FieldError.invalid(field, text, why)], group=GROUP)
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

    @property
    def exact(self) -> bool:
        """Whether the state at just this revision is wanted; said, or implied by a limit beside a revision."""
        implied = self.limit and not self.resource_version_match and self.resource_version not in ("", "0")
        return self.resource_version_match == "Exact" or bool(implied)


def list_options(query: Query, *, watch: bool = False) -> ListOptions:
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
    check = _watch_errors if watch or flag(query, "watch") else _list_errors
    if errors := check(options):
        raise Invalid("ListOptions", "", errors, group=GROUP)
    revision(options.resource_version)
    return options


def _list_errors(options: ListOptions) -> list[FieldError]:
    match, version, found = options.resource_version_match, options.resource_version, []
    if match and not version:
        found.append(_no_match("resourceVersionMatch is forbidden unless resourceVersion is provided"))
    if match and options.continue_token:
        found.append(_no_match(_NO_MATCH_AND_CONTINUE))
    if match not in ("", "Exact", "NotOlderThan"):
        found.append(FieldError.not_supported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]))
    if match == "Exact" and version == "0":
        found.append(_no_match('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    if options.send_initial_events is not None:
        found.append(FieldError.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    return found


def _watch_errors(options: ListOptions) -> list[FieldError]:
    match, found = options.resource_version_match, []
    if options.send_initial_events is not None and match != "NotOlderThan":
        found.append(_no_match("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
    if match and options.send_initial_events is None:
        found.append(_no_match("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
    if match not in ("", "NotOlderThan"):
        found.append(FieldError.not_supported("resourceVersionMatch", match, ["NotOlderThan"]))
    if match and options.continue_token:
        found.append(_no_match(_NO_MATCH_AND_CONTINUE))
    return found


_NO_MATCH_AND_CONTINUE = "resourceVersionMatch is forbidden when continue is provided"


def _no_match(why: str) -> FieldError:
    return FieldError.forbidden("resourceVersionMatch", why)


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


def write_options(query: Query, kind: str = "CreateOptions") -> WriteOptions:
    """Read and check the parameters of a create or, by the kind of its options, an update."""
    return _checked(query, kind, [])


def patch_options(query: Query, *, apply: bool) -> WriteOptions:
    """The same for patches: an apply must say who applies, and only an apply may force."""
    found = []
    if apply and not query.get("fieldManager"):
        found.append(FieldError.required("fieldManager", "is required for apply patch"))
    elif not apply and "force" in query:
        found.append(FieldError.forbidden("force", "may not be specified for non-apply patch"))
    return _checked(query, "PatchOptions", found)


def _checked(query: Query, kind: str, found: list[FieldError]) -> WriteOptions:
    manager, validation, dry_run = (query.get(name, "") for name in ("fieldManager", "fieldValidation", "dryRun"))
    found = [*found, *_manager_errors(manager)]
    if "dryRun" in query:
        found += dry_run_errors(dry_run_values(query))
    if validation not in ("", "Ignore", "Warn", "Strict"):
        choices = ["", "Ignore", "Strict", "Warn"]
        found.append(FieldError.not_supported("fieldValidation", validation, choices))
    if found:
        raise Invalid(kind, "", found, group=GROUP)
    return WriteOptions(dry_run == "All", manager, validation, flag(query, "force"))


def _manager_errors(manager: str) -> list[FieldError]:
    found = []
    if len(manager.encode()) > LONGEST_MANAGER:
        found.append(FieldError.too_long("fieldManager", manager, LONGEST_MANAGER))
    for place, letter in enumerate(manager):
        if not letter.isprintable():
            at = len(manager[:place].encode())
            why = f"invalid character U+{ord(letter):04X} (at position {at})"
            found.append(FieldError.invalid("fieldManager", manager, why))
    return found


def dry_run_values(query: Query) -> list[str]:
    """Every `dryRun` of a query; a client may repeat it."""
    return list(query.getall("dryRun", ())) if hasattr(query, "getall") else [query["dryRun"]]


def dry_run_errors(values: list[str]) -> list[FieldError]:
    return [] if all(value == "All" for value in values) else [FieldError.not_supported("dryRun", values, ["All"])]
