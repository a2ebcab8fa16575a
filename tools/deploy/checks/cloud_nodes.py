"""Runs the nodes of a cluster as the tasks in a cloud describe them, with their secrets out of that cloud, and compares
the metrics that they tell with what alarms and the dashboard there watch."""

import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import embedded_metrics
import settings

PUT_SECRETS = pathlib.Path(__file__).parents[1] / "put-secrets"
READY_MAX = 120
TOLD_MAX = 30


def described(client, name):
    """By the nodes' numbers, the environment of each task."""
    found = {}
    for arn in client("ecs").list_task_definitions()["taskDefinitionArns"]:
        (node,) = client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]["containerDefinitions"]
        assert node["readonlyRootFilesystem"] and node["user"] == "10001:10001" and node["stopTimeout"] >= 30, node
        environment = {entry["name"]: entry["value"] for entry in node["environment"]}
        settings.judge({key: value for key, value in environment.items() if key.startswith("CLOUDRETAIL_")})
        found[environment["CLOUDRETAIL_NODE_ID"]] = environment
    assert sorted(found) == ["1", "2", "3"], found
    return found


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def run(client, environment, name, secrets, folder):
    """Puts the secrets there and starts all nodes on this machine; returns once each is ready."""
    nodes = described(client, name)
    subprocess.run([sys.executable, PUT_SECRETS, secrets, name], env=environment, check=True, stdout=subprocess.DEVNULL)
    peers, gateways = ({node: free_port() for node in nodes} for _ in range(2))
    processes = []
    try:
        for node, own in nodes.items():
            here = {
                "CLOUDRETAIL_DATA_DIR": f"{folder}/node-{node}", "CLOUDRETAIL_HTTP": f"127.0.0.1:{gateways[node]}",
                "CLOUDRETAIL_METRICS": "", "CLOUDRETAIL_CLOUDWATCH_PERIOD": "1s",
                "CLOUDRETAIL_CLUSTER_LISTEN": f"127.0.0.1:{peers[node]}",
                "CLOUDRETAIL_CLUSTER_MEMBERS": ",".join(f"{one}=127.0.0.1:{port}" for one, port in peers.items())}
            with open(f"{folder}/log-{node}", "w", encoding="utf-8") as log:
                processes.append(subprocess.Popen(["cloudretail", "serve"], env=environment | own | here, stdout=log,
                                                  stderr=log))
        end = time.monotonic() + READY_MAX
        for node, port in gateways.items():
            while not is_ready(port):
                assert time.monotonic() < end and all(one.poll() is None for one in processes), log_of(node, folder)
                time.sleep(0.2)
        for port in gateways.values():
            order(port)
        wait_for_times(nodes, folder)
    finally:
        for process in processes:
            process.terminate()
    assert [process.wait(30) for process in processes] == [0] * len(processes), "a node does not end as it should"
    logs = {node: log_of(node, folder) for node in nodes}
    embedded_metrics.compare(logs, embedded_metrics.watched(client, name))
    for log in logs.values():
        embedded_metrics.require_fields(client, log)


def log_of(node, folder):
    return pathlib.Path(folder, f"log-{node}").read_text(encoding="utf-8")


def order(port):
    """An order without a token: it is refused, and its time is told."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/orders", b"{}", timeout=10)
        raise SystemExit("an order without a token was taken")
    except urllib.error.HTTPError as error:
        assert error.code == 401, error


def wait_for_times(nodes, folder):
    """Until each node has told of an order's time."""
    end = time.monotonic() + TOLD_MAX
    while not all('"order_seconds":[' in log_of(node, folder) for node in nodes):
        assert time.monotonic() < end, log_of(min(nodes), folder)
        time.sleep(0.2)


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
