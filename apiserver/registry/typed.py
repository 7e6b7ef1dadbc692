"""The typed objects that one kind's writes are validated and encoded from, made as seldom as possible.

They have no resourceVersion: that is the revision of the key, and no part of what is stored. What was written lately is
kept beside its text, since most objects are written again soon; an update decodes only the parts that it changes.
In Kubernetes: nothing alike; the generic registry decodes the stored object for every update.
"""

from __future__ import annotations

from typing import Any

from machinery.api.model import Model

Doc = dict[str, Any]
MOST = 64


class TypedObjects:
    """`of` decodes; `after` decodes an update's outcome; `before` is what was stored, remembered if it can be."""

    def __init__(self, model: type[Any]) -> None:
        self._model = model
        self._written: dict[str, tuple[bytes, Any]] = {}

    def of(self, doc: Doc) -> Any:
        """Raises pydantic.ValidationError."""
        return self._model.from_dict({**doc, "metadata": _without_revision(doc["metadata"])})

    def after(self, doc: Doc, old: Doc, typed_old: Any) -> Any:
        """The outcome of an update: parts that are as they were are the very same objects."""
        if not issubclass(self._model, Model):
            return self.of(doc)
        old = {**old, "metadata": _without_revision(old["metadata"])}
        new = {**doc, "metadata": _without_revision(doc["metadata"])}
        same = [name for name, value in new.items() if old.get(name) == value]
        changed = self._model.from_dict({name: value for name, value in new.items() if name not in same})
        facts = self._model.fields_table()
        attrs = [facts[name].attr for name in same if name in facts]
        return changed.replace(**{attr: getattr(typed_old, attr) for attr in attrs})

    def before(self, key: str, body: bytes, old: Doc) -> Any:
        """The typed form of what is stored under a key: `old` says the same as `body`, but for its owners."""
        text, typed = self._written.get(key, (b"", None))
        return typed if text == body else self.of(old)

    def remember(self, key: str, body: bytes, typed: Any) -> None:
        """This was written."""
        self._written.pop(key, None)
        self._written[key] = body, typed
        if len(self._written) > MOST:
            del self._written[next(iter(self._written))]


def _without_revision(meta: Doc) -> Doc:
    return {name: value for name, value in meta.items() if name != "resourceVersion"}
