"""The variable `authorizer` in CEL: `authorizer.group('apps').resource('deployments').namespace('a').check('create')`.

Who asks and what about is a map that each step makes anew; `check` asks the authorizers of this process, whom the
server names once by `answered_by`. Field and label selectors are read over: our authorizers look at none.
Real Kubernetes: k8s.io/apiserver/pkg/cel/library/authz.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apiserver.request_info import RequestInfo
from apiserver.user import User, service_account_groups, service_account_name
from machinery.api import fields, labels
from machinery.api.errors import BadRequest

Doc = dict[str, Any]
Row = tuple[str, Callable[..., Any], Any, tuple[Any, ...]]
Ask = Callable[[User, RequestInfo], tuple[bool, str]]
"""Whether somebody may do something, and why."""
_PLACE = ("group", "resource", "subresource", "namespace", "name")


def nobody(user: User, info: RequestInfo) -> tuple[bool, str]:
    """The answer as long as no server has named its authorizers."""
    return False, "there are no authorizers"


_ask: list[Ask] = [nobody]


def answered_by(ask: Ask) -> None:
    """Whom `check` asks from now on."""
    _ask[0] = ask


def value(user: User, place: Mapping[str, str]) -> Doc:
    """The variable: of this user; `place`, what `authorizer.requestResource` is about."""
    who = {"name": user.name, "uid": user.uid, "groups": list(user.groups)}
    return {"user": who, "requestResource": {"user": who, **{key: place.get(key, "") for key in _PLACE}}}


def _sets(field: str) -> Callable[[Doc, str], Doc]:
    return lambda asked, text: {**asked, field: text}


def _begins(field: str) -> Callable[[Doc, str], Doc]:
    return lambda asked, text: {"user": asked["user"], field: text}


def _service_account(asked: Doc, namespace: str, name: str) -> Doc:
    groups = [*service_account_groups(namespace), "system:authenticated"]
    return {"user": {"name": service_account_name(namespace, name), "uid": "", "groups": groups}}


def _selector(read: Callable[[str], Any]) -> Callable[[Doc, str], Doc]:
    def look(asked: Doc, text: str) -> Doc:
        try:
            read(text)
        except (ValueError, BadRequest) as error:
            return {**asked, "error": str(error)}
        return asked

    return look


def _check(asked: Doc, verb: str) -> Doc:
    if "error" in asked:
        return {"allowed": False, "reason": "", "error": asked["error"]}
    who = asked["user"]
    user = User(who["name"], tuple(who["groups"]), who["uid"])
    if "path" in asked:
        info = RequestInfo(asked["path"], verb)
    else:
        info = RequestInfo("", verb, is_resource=True, version="*", **{key: asked.get(key, "") for key in _PLACE})
    allowed, reason = _ask[0](user, info)
    return {"allowed": allowed, "reason": reason}


def members_of(t: Any) -> list[Row]:
    """Steps of a question, and what a decision says."""
    one, two = (t.MAP,), (t.MAP, t.STRING)
    return [
        ("path", _begins("path"), t.MAP, two),
        ("group", _begins("group"), t.MAP, two),
        ("serviceAccount", _service_account, t.MAP, (t.MAP, t.STRING, t.STRING)),
        *((name, _sets(name), t.MAP, two) for name in ("resource", "subresource", "namespace", "name")),
        ("fieldSelector", _selector(fields.parse), t.MAP, two),
        ("labelSelector", _selector(labels.parse), t.MAP, two),
        ("check", _check, t.MAP, two),
        ("allowed", lambda said: bool(said["allowed"]), t.BOOL, one),
        ("reason", lambda said: said["reason"], t.STRING, one),
        ("errored", lambda said: "error" in said, t.BOOL, one),
        ("error", lambda said: said.get("error", ""), t.STRING, one),
    ]
