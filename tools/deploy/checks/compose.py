"""Starts compose.yaml's services without a container engine, orders while a node stops, and verifies every volume.

usage: compose.py RESOLVED SECRETS PROGRAMS

  RESOLVED   what `docker-compose config` prints of the file
  SECRETS    the folder of its secrets
  PROGRAMS   the folder of what the image has in /usr/local/bin
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from containers import Containers

def order(cluster: Containers, node: str, token: str, key: str) -> None:
    answer = cluster.curl(
        f"http://{cluster.all[node].address}:8080/api/v1/orders", "-H", f"Authorization: Bearer {token}", "-H",
        "Content-Type: application/json", "-H", f"Idempotency-Key: {key}", "--retry", "9", "--retry-all-errors",
        "--retry-delay", "1", "-d", '{"items":[{"sku":"DEMO-MUG-BLUE","quantity":1}]}')
    assert json.loads(answer)["status"] == "PAID", answer


def main(resolved: str, secrets: str, programs: str) -> None:
    catalogue = pathlib.Path(__file__).parents[3] / "data/demo-catalogue.csv"
    with tempfile.TemporaryDirectory(prefix="containers-") as folder:
        with Containers(pathlib.Path(resolved).read_text(), pathlib.Path(programs), pathlib.Path(folder)) as cluster:
            check(cluster, secrets, catalogue, pathlib.Path(folder))


def check(cluster: Containers, secrets: str, catalogue: pathlib.Path, folder: pathlib.Path) -> None:
    cluster.up()
    for container in cluster.all.values():
        container.require_confined()
    print("  every process: user 10001, no capabilities, no new privileges, a read-only root")

    node = cluster.all["node-1"]
    password = (pathlib.Path(secrets) / "admin-password").read_text()
    credentials = json.dumps({"email": node.service["environment"]["CLOUDRETAIL_FIRST_ADMINISTRATOR"],
                              "password": password})
    url = f"http://{node.address}:8080"
    answer = cluster.curl(f"{url}/api/v1/auth/login", "-H", "Content-Type: application/json", "-d", credentials)
    (folder / "token.json").write_text(answer)
    (folder / "token.json").chmod(0o600)
    (folder / "catalogue.csv").write_bytes(catalogue.read_bytes())
    subprocess.run(
        ["ip", "netns", "exec", cluster.switch, cluster.programs / "cloudretail", "import", "catalogue",
         folder / "catalogue.csv", "--url", url, "--token-file", folder / "token.json"],
        check=True, stdout=subprocess.DEVNULL)
    token = json.loads((folder / "token.json").read_text())["access_token"]

    order(cluster, "node-1", token, "first")
    print(f"  node-1 stops in {node.stop():.1f} s")
    order(cluster, "node-2", token, "second")
    order(cluster, "node-3", token, "third")
    node.start()
    node.wait_until_healthy()
    order(cluster, "node-1", token, "fourth")
    summary = json.loads(cluster.curl(f"http://{cluster.all['payments'].address}:9090/v1/ledger/summary"))
    print(f"  four orders paid while node-1 stopped and started: {summary}")

    for container in sorted(cluster.all.values(), key=lambda one: one.name):
        container.stop()
    for name in ("node-1", "node-2", "node-3"):
        report = subprocess.run(
            [cluster.programs / "cloudretail", "verify", "--data-dir", cluster.all[name].volume / "node"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert report.returncode == 0, f"{name}: {report.stdout}"
    print("  the volumes of all nodes are verified")


if __name__ == "__main__":
    main(*sys.argv[1:])
