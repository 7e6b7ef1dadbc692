"""The exercise of the course: PostgreSQL with its data on a volume, from the manifests as they are printed.

Two things differ from the paper: apps/v1beta2, which Kubernetes itself gave up long ago (the server says so and names
apps/v1), and the folder of the volume, which belongs to this test. The image bears the name of the official one.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import postgres
from tests.support.cluster import LabCluster, eventually
from tests.support.lab import Lab

SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: postgres-credentials
type: Opaque
data:
  user: ZGphbmdv
  password: MWEyNmQxZzI2ZDFnZXNiP2U3ZGVzYj9lN2Q=
"""
VOLUME = """\
kind: PersistentVolume
apiVersion: v1
metadata:
  name: postgres-pv
  labels:
    type: local
spec:
  capacity:
    storage: 2Gi
  storageClassName: standard
  accessModes:
    - ReadWriteMany
  hostPath:
    path: /data/postgres-pv
"""
CLAIM = """\
kind: PersistentVolumeClaim
apiVersion: v1
metadata:
  name: postgres-pvc
  labels:
    type: local
spec:
  accessModes:
    - ReadWriteMany
  resources:
    requests:
      storage: 2Gi
  volumeName: postgres-pv
"""
DEPLOYMENT = """\
apiVersion: apps/v1beta2
kind: Deployment
metadata:
  name: postgres
spec:
  replicas: 1
  selector:
    matchLabels:
      app: postgres-container
  template:
    metadata:
      labels:
        app: postgres-container
        tier: backend
    spec:
      containers:
        - name: postgres-container
          image: postgres:9.6.6
          env:
            - name: POSTGRES_USER
              valueFrom:
                secretKeyRef:
                  name: postgres-credentials
                  key: user
            - name: POSTGRES_PASSWORD
              valueFrom:
                secretKeyRef:
                  name: postgres-credentials
                  key: password
            - name: POSTGRES_DB
              value: kubernetes_django
          ports:
            - containerPort: 5432
          volumeMounts:
            - name: postgres-volume-mount
              mountPath: /var/lib/postgresql/data
      volumes:
        - name: postgres-volume-mount
          persistentVolumeClaim:
            claimName: postgres-pvc
"""
SERVICE = """\
kind: Service
apiVersion: v1
metadata:
  name: postgres-service
spec:
  selector:
    app: postgres-container
  ports:
    - protocol: TCP
      port: 5432
      targetPort: 5432
"""
CLIENT = """\
apiVersion: v1
kind: Pod
metadata:
  name: client
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: psql
      image: postgres:9.6.6
      command: [sleep, "3600"]
      env:
        - name: PGUSER
          valueFrom: {secretKeyRef: {name: postgres-credentials, key: user}}
        - name: PGPASSWORD
          valueFrom: {secretKeyRef: {name: postgres-credentials, key: password}}
"""
ASK = 'exec psql -h "$POSTGRES_SERVICE_SERVICE_HOST" -p "$POSTGRES_SERVICE_SERVICE_PORT" -d kubernetes_django -Atc '


@pytest.fixture
def image(lab_cluster: LabCluster) -> None:
    """On every worker, as `minictl image load` would bring it."""
    view = Lab(lab_cluster, "default")
    view.minictl("image", "load", str(postgres.archive()), "--node=worker-1", "--node=worker-2")


@pytest.fixture
def manifest(lab: Lab, tmp_path: Path) -> Iterator[Path]:
    """All in one file, as the course says one may."""
    path = tmp_path / "postgres.yaml"
    text = "---\n".join((SECRET, VOLUME, CLAIM, DEPLOYMENT, SERVICE))
    path.write_text(text.replace("/data/postgres-pv", str(tmp_path / "postgres-pv")))
    yield path
    lab.kubectl("delete", "pv", "postgres-pv", "--wait=false", "--ignore-not-found", namespace="")


def sql(lab: Lab, statement: str) -> str:
    """Asked from another pod, through the service's own variables."""
    return lab.kubectl("exec", "client", "--", "sh", "-c", ASK + f'"{statement}"').strip()


def answers(lab: Lab) -> bool:
    try:
        return sql(lab, "SELECT 1") == "1"
    except (AssertionError, subprocess.CalledProcessError):
        return False


def test_postgres_keeps_its_data(lab: Lab, image: None, manifest: Path) -> None:
    refused = lab.kubectl("apply", "-f", str(manifest), check=False)
    assert 'no matches for kind "Deployment" in version "apps/v1beta2"' in refused
    manifest.write_text(manifest.read_text().replace("apps/v1beta2", "apps/v1"))
    lab.kubectl("apply", "-f", str(manifest))
    (pod,) = lab.wait_ready("app=postgres-container", 1)
    claims = lab.kubectl("get", "pvc").splitlines()
    assert claims[0].split()[:4] == ["NAME", "STATUS", "VOLUME", "CAPACITY"]
    assert claims[1].split()[:6] == ["postgres-pvc", "Bound", "postgres-pv", "2Gi", "RWX", "standard"]
    volume = lab.kubectl("get", "pv", "postgres-pv", "--no-headers", namespace="").split()
    assert volume[1:7] == ["2Gi", "RWX", "Retain", "Bound", f"{lab.namespace}/postgres-pvc", "standard"]

    lab.kubectl("apply", "-f", "-", stdin=CLIENT)
    lab.kubectl("wait", "--for=condition=Ready", "pod/client", "--timeout=60s")
    eventually(lambda: answers(lab), 60)
    assert sql(lab, "SELECT version()").startswith("PostgreSQL ")
    sql(lab, "CREATE TABLE notes (text text); INSERT INTO notes VALUES ('kept')")
    lab.kubectl("delete", "pod", pod["metadata"]["name"])
    (after,) = lab.wait_ready("app=postgres-container", 1)
    assert after["metadata"]["uid"] != pod["metadata"]["uid"]
    eventually(lambda: answers(lab), 60)
    assert sql(lab, "SELECT text FROM notes") == "kept"


def test_a_claim_without_a_volume_gets_one_made(lab: Lab) -> None:
    """The default class: a folder that every machine sees, gone with the claim."""
    claim = CLAIM.replace("  volumeName: postgres-pv\n", "").replace("2Gi", "1Mi")
    lab.kubectl("apply", "-f", "-", stdin=claim)
    lab.kubectl("wait", "--for=jsonpath={.status.phase}=Bound", "pvc/postgres-pvc", "--timeout=30s")
    name = lab.one("pvc", "postgres-pvc")["spec"]["volumeName"]
    folder = Path(lab.one("pv", name)["spec"]["hostPath"]["path"])
    assert folder.is_dir()
    lab.kubectl("delete", "pvc", "postgres-pvc")
    eventually(lambda: not folder.exists())
    eventually(lambda: name not in lab.kubectl("get", "pv", namespace=""))
