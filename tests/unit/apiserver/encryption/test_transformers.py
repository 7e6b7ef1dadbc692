"""What is sealed comes back, only with its key and only in its place; what an older key has sealed is stale."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import yaml

from apiserver.encryption.config import Mistaken, finder, read
from apiserver.encryption.transformers import Transformer, Transformers
from apiserver.storage.interface import Unreadable
from apiserver.storage.sealing import PLAIN

KEY = "/registry/secrets/default/a"
TEXT = b'{"kind":"Secret","metadata":{}}'
SECRETS = {name: base64.b64encode(bytes([number]) * 32).decode() for number, name in enumerate(("key1", "key2"))}
FAMILIES = ("aesgcm", "aescbc", "secretbox")


def provider(name: str, *keys: str) -> dict:
    return {name: {"keys": [{"name": key, "secret": SECRETS[key]} for key in keys]} if keys else {}}


def transformer(*providers: dict) -> Transformer:
    found = finder({"resources": [{"resources": ["secrets"], "providers": list(providers)}]})("", "secrets")
    assert found is not None
    return found


@pytest.mark.parametrize("name", FAMILIES)
def test_sealed_and_opened(name: str) -> None:
    kept = transformer(provider(name, "key1"))
    sealed = kept.seal(KEY, TEXT)
    assert sealed.startswith(f"k8s:enc:{name}:v1:key1:".encode()) and b"Secret" not in sealed
    assert kept.seal(KEY, TEXT) != sealed
    assert kept.open(KEY, sealed) == (TEXT, False)


@pytest.mark.parametrize("name", FAMILIES)
def test_an_altered_or_cut_value_is_refused(name: str) -> None:
    kept = transformer(provider(name, "key1"))
    sealed = kept.seal(KEY, TEXT)
    altered = [] if name == "aescbc" else [sealed[:-1] + bytes([sealed[-1] ^ 0xFF])]
    for wrong in (*altered, sealed[: len(sealed) - 5], f"k8s:enc:{name}:v1:key1:".encode()):
        with pytest.raises(Unreadable, match=f'unable to transform key "{KEY}": '):
            kept.open(KEY, wrong)


def test_a_value_is_worth_nothing_in_another_place() -> None:
    kept = transformer(provider("aesgcm", "key1"))
    with pytest.raises(Unreadable, match="message authentication failed"):
        kept.open("/registry/secrets/default/b", kept.seal(KEY, TEXT))


def test_the_first_key_writes_and_all_read() -> None:
    old = transformer(provider("aesgcm", "key1")).seal(KEY, TEXT)
    for rotated in (transformer(provider("aesgcm", "key2", "key1")),
                    transformer(provider("secretbox", "key2"), provider("aesgcm", "key1"))):  # fmt: skip
        assert rotated.open(KEY, old) == (TEXT, True)
        assert rotated.open(KEY, rotated.seal(KEY, TEXT)) == (TEXT, False)


def test_identity_first_decrypts_and_identity_last_lets_plain_text_in() -> None:
    out = transformer(provider("identity"), provider("aesgcm", "key1"))
    into = transformer(provider("aesgcm", "key1"), provider("identity"))
    assert out.seal(KEY, TEXT) == TEXT and out.open(KEY, into.seal(KEY, TEXT)) == (TEXT, True)
    assert into.open(KEY, TEXT) == (TEXT, True)


def test_what_is_missing_is_said() -> None:
    sealed = transformer(provider("aesgcm", "key1")).seal(KEY, TEXT)
    box = transformer(provider("secretbox", "key1")).seal(KEY, TEXT)
    for kept, data, why in (
        (transformer(provider("aesgcm", "key2")), sealed, "no matching key was found for the provided AES transformer"),
        (transformer(provider("secretbox", "key2")), box, "no matching key was found for the provided Secretbox"),
        (transformer(provider("aescbc", "key1")), sealed, "no matching prefix found"),
        (transformer(provider("aescbc", "key1")), TEXT, "no matching prefix found"),
        (PLAIN, sealed, "identity transformer tried to read encrypted data"),
    ):
        with pytest.raises(Unreadable, match=why):
            kept.open(KEY, data)


@pytest.mark.parametrize(("key", "resources", "sealed"), [
    (KEY, ["secrets"], True),
    (KEY, ["configmaps"], False),
    (KEY, ["*."], True),
    (KEY, ["*.*"], True),
    ("/registry/deployments/d/a", ["*."], False),
    ("/registry/deployments/d/a", ["deployments.apps"], True),
    ("/registry/deployments/d/a", ["*.apps"], True),
    ("/registry/widgets.example.com/d/a", ["widgets.example.com"], True),
    ("/registry/widgets.example.com/d/a", ["*.example.com"], True),
    ("/registry/widgets.example.com/d/a", ["widgets"], False),
    ("/somebody/elses", ["*.*"], False),
    ("compact", ["*.*"], False),
])  # fmt: skip
def test_which_resources(key: str, resources: list[str], sealed: bool) -> None:
    find = finder({"resources": [{"resources": resources, "providers": [provider("aesgcm", "key1")]}]})
    kept = Transformers(find, {"deployments": "apps", "secrets": ""})
    assert kept.seal(key, TEXT).startswith(b"k8s:enc:") == sealed
    assert kept.open(key, kept.seal(key, TEXT)) == (TEXT, False)


def test_an_earlier_entry_decides() -> None:
    none = {"resources": ["configmaps"], "providers": [provider("identity")]}
    every = {"resources": ["*.*"], "providers": [provider("aesgcm", "key1")]}
    kept = Transformers(finder({"resources": [none, every]}), {})
    assert kept.seal("/registry/configmaps/d/a", TEXT) == TEXT and kept.seal(KEY, TEXT) != TEXT


HEAD = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration"}
SHORT = {"aesgcm": {"keys": [{"name": "a", "secret": base64.b64encode(b"short").decode()}]}}


@pytest.mark.parametrize(("entry", "why"), [
    ({"resources": ["secrets"]}, "resources[0].providers: Required value: at least one resources[0].providers is requ"),
    ({"providers": [{"identity": {}}]}, "resources[0].resources: Required value: at least one"),
    ({"resources": ["secrets"], "providers": [SHORT]},
     'resources[0].providers[0].aesgcm.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected '
     "length, got 5, expected one of [16 24 32]"),
    ({"resources": ["secrets"], "providers": [{"aescbc": {"keys": [{"name": "a", "secret": "%"}]}}]},
     'aescbc.keys[0].secret: Invalid value: "REDACTED": secrets must be base64 encoded'),
    ({"resources": ["secrets"], "providers": [{"aescbc": {"keys": [{"secret": SECRETS["key1"]}]}}]},
     "keys[0].name: Required value: name is a mandatory field for a key"),
    ({"resources": ["secrets"], "providers": [{"aescbc": {}}]}, "providers[0].aescbc.keys: Required value"),
    ({"resources": ["secrets"], "providers": [{"rot13": {}}]}, "resources[0].providers[0]: Invalid value"),
    ({"resources": ["secrets"], "providers": [{"identity": {}, "aescbc": {}}]}, "more than one provider specified"),
    ({"resources": ["secrets"], "providers": [{"kms": {}}]}, "resources[0].providers[0].kms: Forbidden"),
    ({"resources": ["*"], "providers": [{"identity": {}}]}, "Invalid value: \"*\": use '*.' to encrypt"),
    ({"resources": ["Secrets"], "providers": [{"identity": {}}]}, "should not contain capital letters"),
    ({"resources": ["a", "a"], "providers": [{"identity": {}}]}, "cannot be specified multiple times"),
])  # fmt: skip
def test_a_mistake_is_named_by_its_place(tmp_path: Path, entry: dict, why: str) -> None:
    file = tmp_path / "encryption.yaml"
    file.write_text(yaml.safe_dump(HEAD | {"resources": [entry]}))
    with pytest.raises(Mistaken) as caught:
        read(str(file))
    assert why in str(caught.value)


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: Pod\n")
    for path in ("a.yaml", "missing.yaml"):
        with pytest.raises(Mistaken, match=path):
            read(str(tmp_path / path))
