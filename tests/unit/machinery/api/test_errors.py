"""Errors: the messages are those that kubectl's users know, and a Status survives the way there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api import errors
from machinery.api.errors import ApiError, Cause, FieldError, from_status, generic

MESSAGES = [
    (errors.NotFound("pods", "web"), 404, "NotFound", 'pods "web" not found'),
    (errors.NotFound("deployments", "web", group="apps"), 404, "NotFound", 'deployments.apps "web" not found'),
    (errors.AlreadyExists("pods", "web"), 409, "AlreadyExists", 'pods "web" already exists'),
    (errors.AlreadyExists("pods", "web-x", generated=True), 409, "AlreadyExists",
     'pods "web-x" already exists, the server was not able to generate a unique name for the object'),
    (errors.Conflict("pods", "web"), 409, "Conflict",
     'Operation cannot be fulfilled on pods "web": the object has been modified; '
     "please apply your changes to the latest version and try again"),
    (errors.Forbidden("pods", "web", "no"), 403, "Forbidden", 'pods "web" is forbidden: no'),
    (errors.Forbidden("pods", "", "no"), 403, "Forbidden", "pods is forbidden: no"),
    (errors.Forbidden("", "", "no"), 403, "Forbidden", "forbidden: no"),
    (errors.Unauthorized(), 401, "Unauthorized", "Unauthorized"),
    (errors.BadRequest("why"), 400, "BadRequest", "why"),
    (errors.MethodNotAllowed("pods", "update"), 405, "MethodNotAllowed",
     'update is not supported on resources of kind "pods"'),
    (errors.NotAcceptable(["application/json", "application/yaml"]), 406, "NotAcceptable",
     "only the following media types are accepted: application/json, application/yaml"),
    (errors.UnsupportedMediaType(["application/json"]), 415, "UnsupportedMediaType",
     "the body of the request was in an unknown format - accepted media types include: application/json"),
    (errors.Gone("gone"), 410, "Gone", "gone"),
    (errors.Expired("too old resource version: 1 (2)"), 410, "Expired", "too old resource version: 1 (2)"),
    (errors.RequestEntityTooLarge("limit is 3145728"), 413, "RequestEntityTooLarge",
     "Request entity too large: limit is 3145728"),
    (errors.InternalError("boom"), 500, "InternalError", "Internal error occurred: boom"),
    (errors.ServerTimeout("pods", "create"), 500, "ServerTimeout",
     "The create operation against pods could not be completed at this time, please try again."),
    (errors.Timeout("slow"), 504, "Timeout", "Timeout: slow"),
    (errors.ServiceUnavailable("later"), 503, "ServiceUnavailable", "later"),
    (errors.TooManyRequests("wait", 3), 429, "TooManyRequests", "wait"),
]


@pytest.mark.parametrize(("error", "code", "reason", "message"), MESSAGES, ids=lambda value: type(value).__name__)
def test_status_says_what_kubernetes_says(error: ApiError, code: int, reason: str, message: str) -> None:
    assert (error.code, error.reason, str(error)) == (code, reason, message)
    assert error.status.code == code
    assert error.status.message == message
    assert error.status.status == "Failure"


@pytest.mark.parametrize("error", [row[0] for row in MESSAGES], ids=lambda error: type(error).__name__)
def test_error_comes_back_from_its_status(error: ApiError) -> None:
    for status in (error.status, error.to_dict()):
        back = from_status(status)
        assert type(back) is type(error)
        assert back.to_dict() == error.to_dict()


def test_expired_is_caught_as_gone() -> None:
    with pytest.raises(errors.Gone):
        raise from_status({"reason": "Expired", "code": 410, "message": "old"})


def test_unknown_reason_falls_back_to_the_code() -> None:
    assert isinstance(from_status({"code": 404}), errors.NotFound)
    teapot = from_status({"code": 418, "reason": "Teapot", "message": "short and stout"})
    assert (type(teapot), teapot.code, teapot.reason) == (ApiError, 418, "Teapot")


def test_conflict_without_a_reason_is_a_conflict() -> None:
    assert type(from_status({"code": 409})) is errors.Conflict


def test_invalid_joins_field_errors_and_lists_causes() -> None:
    one = FieldError.required("spec.containers")
    two = FieldError.not_supported("spec.restartPolicy", "Sometimes", ["Always", "Never"])
    single = errors.Invalid("Pod", "web", [one])
    assert str(single) == 'Pod "web" is invalid: spec.containers: Required value'
    both = errors.Invalid("Deployment", "web", [one, two, one], group="apps")
    assert str(both) == (
        'Deployment.apps "web" is invalid: [spec.containers: Required value, spec.restartPolicy: '
        'Unsupported value: "Sometimes": supported values: "Always", "Never"]')
    assert both.causes[:2] == (
        Cause("FieldValueRequired", "Required value", "spec.containers"),
        Cause("FieldValueNotSupported", 'Unsupported value: "Sometimes": supported values: "Always", "Never"',
              "spec.restartPolicy"))
    assert both.details.group == "apps"


def test_details_keep_retry_after() -> None:
    error = errors.TooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 10)
    assert from_status(error.status).retry_after == 10
    assert errors.BadRequest("x").retry_after == 0


@pytest.mark.parametrize(("code", "message"), [
    (404, "the server could not find the requested resource"),
    (405, "the server does not allow this method on the requested resource"),
    (422, "the server rejected our request due to an error in our request"),
    (418, "the server responded with the status code 418 but did not return more information"),
    (502, 'an error on the server ("bad gateway") has prevented the request from succeeding'),
])
def test_generic_answers(code: int, message: str) -> None:
    error = generic(code, "bad gateway")
    assert (error.code, str(error)) == (code, message)


def test_generic_keeps_the_servers_words_where_they_tell_more() -> None:
    assert str(generic(403, "not you")) == "not you"


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_name_survives(name: str, namespace: str) -> None:
    error = errors.Forbidden("pods", name, f'in "{namespace}"')
    assert from_status(error.to_dict()).to_dict() == error.to_dict()
