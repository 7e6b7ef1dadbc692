"""Which files a volume holds."""

from __future__ import annotations

import base64

import pytest

from kubelet.volumes.failure import VolumeFailure
from kubelet.volumes.payload import Materials, payload, references, token_requests
from machinery.api.core.v1 import (
    ConfigMap,
    ConfigMapProjection,
    ConfigMapVolumeSource,
    DownwardAPIProjection,
    DownwardAPIVolumeFile,
    KeyToPath,
    ObjectFieldSelector,
    PodSecurityContext,
    ProjectedVolumeSource,
    Secret,
    SecretVolumeSource,
    ServiceAccountTokenProjection,
    Volume,
    VolumeProjection,
)
from tests.support.runs import a_pod

CONFIG = ConfigMap(data={"a": "1", "b": "2"}, binary_data={"c": base64.b64encode(b"\0").decode()})
SECRET = Secret(data={"k": base64.b64encode(b"v").decode()})
MATERIALS = Materials({("ConfigMap", "m"): CONFIG, ("Secret", "s"): SECRET})


def files(volume: Volume, materials: Materials = MATERIALS) -> dict[str, tuple[bytes, int]]:
    return {path: (file.data, file.mode) for path, file in payload(a_pod(), volume, materials).items()}


def test_every_key_or_the_chosen_ones() -> None:
    everything = Volume(config_map=ConfigMapVolumeSource(name="m"))
    assert files(everything) == {"a": (b"1", 0o644), "b": (b"2", 0o644), "c": (b"\0", 0o644)}
    items = (KeyToPath(key="a", path="x/y", mode=0o400), KeyToPath(key="b", path="z"))
    chosen = Volume(config_map=ConfigMapVolumeSource(name="m", items=items, default_mode=0o600))
    assert files(chosen) == {"x/y": (b"1", 0o400), "z": (b"2", 0o600)}
    assert files(Volume(secret=SecretVolumeSource(secret_name="s"))) == {"k": (b"v", 0o644)}


@pytest.mark.parametrize(("source", "message"), [
    (ConfigMapVolumeSource(name="none"), 'configmap "none" not found'),
    (ConfigMapVolumeSource(name="m", items=(KeyToPath(key="z", path="z"),)),
     "configmap references non-existent key: z"),
    (ConfigMapVolumeSource(name="m", items=(KeyToPath(key="a", path="../a"),)), "invalid path: ../a"),
])
def test_what_cannot_be_had(source: ConfigMapVolumeSource, message: str) -> None:
    with pytest.raises(VolumeFailure, match=f"^{message}$"):
        files(Volume(config_map=source))


def test_a_token_is_for_those_who_need_it() -> None:
    request = ServiceAccountTokenProjection(path="token")
    sources = (VolumeProjection(service_account_token=request),)
    volume = Volume(projected=ProjectedVolumeSource(sources=sources, default_mode=0o644))

    def token(**security: int) -> tuple[int, int | None]:
        pod = a_pod("a", "b", security_context=PodSecurityContext(**security))
        file = payload(pod, volume, Materials(tokens={request: "t"}))["token"]
        return file.mode, file.owner

    assert token() == (0o644, None)
    assert token(run_as_user=1000) == (0o600, 1000)
    assert token(fs_group=77) == (0o600, None)


def test_what_is_optional_may_be_missing() -> None:
    assert files(Volume(config_map=ConfigMapVolumeSource(name="none", optional=True))) == {}
    items = (KeyToPath(key="z", path="z"),)
    assert files(Volume(config_map=ConfigMapVolumeSource(name="m", items=items, optional=True))) == {}


def test_the_volume_of_a_service_account() -> None:
    token = ServiceAccountTokenProjection(path="token", expiration_seconds=3607)
    namespace = DownwardAPIVolumeFile(path="namespace", field_ref=ObjectFieldSelector(field_path="metadata.namespace"))
    volume = Volume(name="kube-api-access", projected=ProjectedVolumeSource(sources=(
        VolumeProjection(service_account_token=token),
        VolumeProjection(config_map=ConfigMapProjection(name="m", items=(KeyToPath(key="a", path="ca.crt"),))),
        VolumeProjection(downward_api=DownwardAPIProjection(items=(namespace,))),
    )))
    found = files(volume, Materials(MATERIALS.objects, {token: "jwt"}))
    assert found == {"token": (b"jwt", 0o644), "ca.crt": (b"1", 0o644), "namespace": (b"default", 0o644)}
    assert list(references(volume)) == [("ConfigMap", "m")]
    assert token_requests(a_pod(volumes=(volume,))) == [token]
