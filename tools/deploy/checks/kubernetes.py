"""Holds the manifests against each other, and runs copy-secrets on secrets as Kubernetes mounts them.

usage: kubernetes.py SECRETS
"""

import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import time

import yaml

import kubernetes_words
import settings

DEPLOY = pathlib.Path(__file__).parents[1]

# What the words are changed to, and what the check of words has to find then.
SPOILT = {
    ("protocol: TCP", "protocol: TPC"): "TPC",
    ("storage: 50Gi", "storage: 12Gx"): "12Gx",
    ("memory: 2Gi", "memory: 2GB"): "2GB",
    ("targetPort: http", "targetPort: htpp"): "htpp",
    ("ReadWriteOncePod", "ReadWriteOncePodd"): "ReadWriteOncePodd",
    ("type: RuntimeDefault", "type: Default"): "Default",
    ("podManagementPolicy: Parallel", "podManagementPolicy: parallel"): "parallel",
}


def main(secrets: str) -> None:
    manifests = list(yaml.safe_load_all((DEPLOY / "kubernetes/cloudretail.yaml").read_text()))
    kinds = {(one["kind"], one["metadata"]["name"]): one for one in manifests}
    assert len(kinds) == len(manifests), "a name twice"
    assert not (wrong := kubernetes_words.faults(manifests)), "\n".join(wrong)
    for spoilt, word in SPOILT.items():
        text = (DEPLOY / "kubernetes/cloudretail.yaml").read_text().replace(*spoilt)
        wrong = kubernetes_words.faults(list(yaml.safe_load_all(text)))
        assert wrong and all(word in fault for fault in wrong), f"{word} is taken: {wrong}"
    pod = kinds["StatefulSet", "cloudretail"]["spec"]["template"]["spec"]
    (node,), (copier,) = pod["containers"], pod["initContainers"]

    environment = dict(kinds["ConfigMap", "cloudretail-settings"]["data"])
    environment |= {entry["name"]: "1" for entry in node["env"]} | {"CLOUDRETAIL_CLUSTER_ID": "1"}
    settings.judge(environment)
    ports = {port["name"]: port["containerPort"] for port in node["ports"]}
    assert ports == {"http": 8080, "peers": 7000, "metrics": 9100}, ports
    # Peers are named pod.service, and pods count from where the StatefulSet says.
    spec = kinds["StatefulSet", "cloudretail"]["spec"]
    names = [f"cloudretail-{spec['ordinals']['start'] + n}.{spec['serviceName']}:7000" for n in range(spec["replicas"])]
    assert environment["CLOUDRETAIL_CLUSTER_MEMBERS"] == ",".join(f"{n}={name}" for n, name in enumerate(names, 1))
    labels = spec["template"]["metadata"]["labels"]
    for kind, name in (("Service", "cloudretail"), ("Service", "cloudretail-peers")):
        assert kinds[kind, name]["spec"]["selector"] == labels, name
    for kind in ("PodDisruptionBudget", "StatefulSet"):
        assert kinds[kind, "cloudretail"]["spec"]["selector"]["matchLabels"] == labels, kind
    assert kinds["NetworkPolicy", "cloudretail"]["spec"]["podSelector"]["matchLabels"] == labels
    for container in (node, copier):
        assert container["securityContext"]["readOnlyRootFilesystem"], container["name"]
    data = next(mount["mountPath"] for mount in node["volumeMounts"] if mount["name"] == "data")
    assert environment["CLOUDRETAIL_DATA_DIR"].startswith(data + "/"), "the volume's own folder is open to its group"
    grace = pod["terminationGracePeriodSeconds"] - node["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert grace >= 30, f"{grace} s are left to hand over"

    copied = copy(pathlib.Path(secrets), copier["command"])
    files = {value.removeprefix("/secrets/") for value in environment.values() if value.startswith("/secrets/")}
    assert files <= copied, f"the node misses {files - copied}"
    print(f"  {len(manifests)} manifests fit each other; copy-secrets hands over {', '.join(sorted(copied))}")


def copy(secrets: pathlib.Path, command: list[str]) -> set[str]:
    """The names of the files that node 2 gets, and what happens when its certificate is renewed."""
    with tempfile.TemporaryDirectory() as folder:
        mounted, own = pathlib.Path(folder, "all-secrets"), pathlib.Path(folder, "secrets")
        # A folder of links to a folder with a date, all of it open to the group.
        (mounted / "..2026").mkdir(parents=True)
        for file in secrets.iterdir():
            shutil.copy(file, mounted / "..2026" / file.name)
            (mounted / "..2026" / file.name).chmod(0o440)
            (mounted / file.name).symlink_to(f"..2026/{file.name}")
        own.mkdir()
        words = {"/usr/local/bin/copy-secrets": str(DEPLOY / "copy-secrets"), "/all-secrets": str(mounted),
                 "/secrets": str(own), "$(NODE_ID)": "2", "30": "1"}
        process = subprocess.Popen([words[word] for word in command], stdout=subprocess.DEVNULL)
        try:
            wait(lambda: (own / "node.pem").exists() and len(list(own.iterdir())) >= 6)
            names = {file.name for file in own.iterdir()}
            for file in own.iterdir():
                mode = stat.S_IMODE(os.stat(file).st_mode)
                assert mode & 0o077 == 0, f"{file.name}: {mode:o}"
            assert (own / "node-key.pem").read_bytes() == (secrets / "node-2-key.pem").read_bytes()
            assert "authority-key.pem" not in names and not any(name.startswith("node-") for name in names
                                                                if name != "node-key.pem"), names
            (mounted / "node-2.pem").unlink()
            (mounted / "node-2.pem").write_text("renewed")
            wait(lambda: (own / "node.pem").read_text() == "renewed")
        finally:
            process.terminate()
            assert process.wait(10) == 0
        return names


def wait(holds) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "copy-secrets does not copy"
        time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
