"""Where an object lives in etcd: /registry/<plural>/<namespace>/<name>, or without namespace.

Kubernetes has the same layout, with a few historic names (minions, services/specs) that we left out.
"""

from __future__ import annotations

ROOT = "/registry/"


def prefix_of(plural: str, namespace: str = "") -> str:
    """What the keys of a resource begin with: all of them, or one namespace's."""
    return f"{ROOT}{plural}/{namespace}/" if namespace else f"{ROOT}{plural}/"


def key_of(plural: str, name: str, namespace: str = "") -> str:
    return prefix_of(plural, namespace) + name


def end_of(prefix: str) -> str:
    """The first string behind all strings that begin with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def parent_of(key: str) -> str:
    """The narrowest prefix that holds a key: its namespace's, or its resource's."""
    return key[: key.rindex("/") + 1]
