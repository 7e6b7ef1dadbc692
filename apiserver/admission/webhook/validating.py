"""ValidatingAdmissionWebhook: webhooks that may refuse what the object has become, all asked at the same time.

Real Kubernetes: admission/plugin/webhook/validating.
"""

from __future__ import annotations

import asyncio
from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Plugin
from apiserver.admission.webhook.calls import Calls


class ValidatingAdmissionWebhook(Plugin):
    """See the module. Of several refusals the first in order is told."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def handles(self, attributes: Attributes) -> bool:
        return self._calls.concern(attributes)

    async def validate(self, attributes: Attributes, obj: Any, old: Any) -> None:
        questions = [question async for question in self._calls.relevant(attributes, obj, old)]
        if not questions:
            return
        asked = (self._calls.verdict(question, attributes, obj, old) for question in questions)
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer
