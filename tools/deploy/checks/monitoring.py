"""Watches three nodes with a real Prometheus and Alertmanager: every metric that rules and dashboards name is there,
every dashboard has something to show, and an alert arrives when a node is killed, and ends when it is back.

usage: monitoring.py PROGRAMS

  PROGRAMS   the folder of cloudretail and payment-simulator
"""

import http.server
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml
from exposition import judge

PROJECT = pathlib.Path(__file__).parents[3]
MONITORING = PROJECT / "data/monitoring"
# Words of PromQL that are no metric. A name before a parenthesis is a function.
WORDS = {"and", "or", "unless", "on", "by", "without", "ignoring", "group_left", "group_right", "bool", "offset", "inf"}
# Told by Prometheus itself.
OWN = {"up"}
# From the kill to the pager: a scrape, the rule's 15 s, an evaluation, the group's wait. Twice that for a busy machine.
ARRIVAL_MAX = 90


def get(url: str, **query: str) -> str:
    with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(query)}" if query else url, timeout=10) as answer:
        return answer.read().decode()


def wait(what: str, limit: float, attempt):
    """The first answer of `attempt` that is not empty; what fails before the limit is tried again."""
    end, last = time.monotonic() + limit, None
    while time.monotonic() < end:
        try:
            if result := attempt():
                return result
        except (OSError, KeyError, ValueError) as error:
            last = error
        time.sleep(0.2)
    raise SystemExit(f"{what}: not within {limit} s ({last})")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def metrics_of(expression: str) -> set[str]:
    """The metrics that an expression of PromQL names."""
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", bare)
    bare = re.sub(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", "", bare)
    return {name for name in re.findall(r"\b[a-zA-Z_][a-zA-Z0-9_:]*\b(?!\s*\()", bare) if name.lower() not in WORDS}


def dashboard_expressions() -> list[tuple[str, str]]:
    found, ids = [], set()
    for file in sorted((MONITORING / "dashboards").glob("*.json")):
        dashboard = json.loads(file.read_text())
        assert dashboard["uid"] not in ids, dashboard["uid"]
        ids.add(dashboard["uid"])
        panels = dashboard["panels"]
        assert len({panel["id"] for panel in panels}) == len(panels), f"{file.name}: an id twice"
        taken = set()
        for panel in panels:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            assert not taken & cells and at["x"] + at["w"] <= 24, f"{file.name}: {panel['title']} lies on another"
            taken |= cells
            found += [(f"{file.name}, {panel['title']}", target["expr"]) for target in panel["targets"]]
    return found


class Pager(http.server.BaseHTTPRequestHandler):
    """What the operators' end of Alertmanager has been told."""

    told: list[dict] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Pager.told += json.loads(body)["alerts"]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass

    @classmethod
    def has(cls, name: str, status: str, node: str) -> bool:
        return any(alert["labels"]["alertname"] == name and alert["status"] == status
                   and alert["labels"].get("node") == node for alert in cls.told)


class Watch:
    def __init__(self, programs: pathlib.Path, folder: pathlib.Path):
        self.programs, self.folder = programs, folder
        self.cluster = folder / "cluster"
        self.processes: list[subprocess.Popen] = []

    def cloudretail(self, *arguments: str) -> str:
        done = subprocess.run([self.programs / "cloudretail", *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise SystemExit(f"cloudretail {' '.join(arguments)}: {done.stdout}")
        return done.stdout

    def start(self, *command) -> None:
        log = open(self.folder / f"{pathlib.Path(command[0]).name}.log", "wb")
        self.processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                               cwd=self.folder))

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if (self.cluster / "cluster.json").exists():
            self.cloudretail("cluster", "down", "--base-dir", str(self.cluster))

    def start_shop(self) -> None:
        """Three nodes, and one alone behind TLS and with a bus, which has metrics of its own."""
        self.cloudretail("cluster", "up", "--nodes", "3", "--base-dir", str(self.cluster), "--detach")
        self.settings = [json.loads((self.cluster / f"node-{n}/configuration.json").read_text()) for n in (1, 2, 3)]
        self.metrics = {settings["node-id"]: settings["metrics"] for settings in self.settings}
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
             "30", "-subj", "/CN=localhost", "-keyout", "tls-key.pem", "-out", "tls.pem"],
            cwd=self.folder, check=True, stderr=subprocess.DEVNULL)
        (self.folder / "tls-key.pem").chmod(0o600)
        self.metrics["alone"] = f"127.0.0.1:{free_port()}"
        self.start(self.programs / "cloudretail", "serve", "--data-dir", self.folder / "alone", "--http", "127.0.0.1:0",
                   "--payment", "in-process", "--event-bus", "none", "--event-bus-region", "none",
                   "--tls-certificate", "tls.pem", "--tls-key", "tls-key.pem", "--metrics", self.metrics["alone"])
        wait("the node behind TLS", 60, lambda: get(f"http://{self.metrics['alone']}/metrics"))

    def sell(self) -> None:
        """Six orders, two at each node."""
        urls = [f"http://{settings['http']}" for settings in self.settings]
        credentials = {"email": "admin@example.com", "password": (self.cluster / "admin-password").read_text().strip()}
        token = self.folder / "token.json"
        token.write_bytes(self.post(f"{urls[0]}/api/v1/auth/login", credentials))
        token.chmod(0o600)
        catalogue = self.folder / "catalogue.csv"
        catalogue.write_bytes((PROJECT / "data/demo-catalogue.csv").read_bytes())
        self.cloudretail("import", "catalogue", str(catalogue), "--url", urls[0], "--token-file", str(token))
        self.bearer = json.loads(token.read_text())["access_token"]
        for number in range(6):
            answer = self.order(urls[number % 3], f"order-{number}")
            assert json.loads(answer)["status"] == "PAID", answer

    def order(self, url: str, key: str) -> bytes:
        return self.post(
            f"{url}/api/v1/orders", {"items": [{"sku": "DEMO-MUG-BLUE", "quantity": 1}]},
            {"Authorization": f"Bearer {self.bearer}", "Idempotency-Key": key})

    def fail(self) -> None:
        """An order that is refused with 503, because two of three nodes stand still."""
        for node in ("2", "3"):
            self.cloudretail("cluster", "pause", node, "--base-dir", str(self.cluster))
        try:
            self.order(f"http://{self.settings[0]['http']}", "refused")
            raise SystemExit("an order was taken without a majority")
        except urllib.error.HTTPError as error:
            assert error.code == 503, error
        finally:
            for node in ("2", "3"):
                self.cloudretail("cluster", "resume", node, "--base-dir", str(self.cluster))

    @staticmethod
    def post(url: str, body: dict, headers: dict[str, str] | None = None) -> bytes:
        request = urllib.request.Request(
            url, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def require_exposition(self) -> set[str]:
        """Every node's text is right, by promtool and by ours; gives the names of all series."""
        names: set[str] = set()
        for node, address in self.metrics.items():
            text = get(f"http://{address}/metrics")
            found, problems = judge(text)
            assert not problems, f"node {node}: {problems}"
            subprocess.run(["promtool", "check", "metrics"], input=text, text=True, check=True)
            names |= found
        return names

    def watch(self) -> None:
        """Starts Prometheus and Alertmanager with the files of data/monitoring, and this machine's addresses."""
        pager = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pager)
        threading.Thread(target=pager.serve_forever, daemon=True).start()
        self.prometheus, alertmanager = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        for name in ("prometheus.yml", "alerts.yml"):
            (self.folder / name).write_bytes((MONITORING / name).read_bytes())
        (self.folder / "targets.json").write_text(json.dumps(
            [{"targets": [address], "labels": {"node": node}} for node, address in self.metrics.items()]))
        (self.folder / "alertmanagers.json").write_text(json.dumps([{"targets": [alertmanager]}]))
        settings = (MONITORING / "alertmanager.yml").read_text()
        assert settings.count("http://pager.example.com") == 1
        (self.folder / "alertmanager.yml").write_text(
            settings.replace("http://pager.example.com", f"http://127.0.0.1:{pager.server_port}"))
        self.start("prometheus-alertmanager", "--config.file=alertmanager.yml", "--storage.path=alertmanager",
                   f"--web.listen-address={alertmanager}", "--cluster.listen-address=")
        self.start("prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=prometheus",
                   f"--web.listen-address={self.prometheus}")
        wait("Alertmanager", 30, lambda: get(f"http://{alertmanager}/-/ready"))
        wait("Prometheus", 60, lambda: get(f"http://{self.prometheus}/-/ready"))
        wait("all targets", 60, lambda: len(self.query("up == 1")) == len(self.metrics))

    def query(self, expression: str) -> list:
        answer = json.loads(get(f"http://{self.prometheus}/api/v1/query", query=expression))
        assert answer["status"] == "success", answer
        return answer["data"]["result"]

    def ringing(self) -> set[str]:
        alerts = json.loads(get(f"http://{self.prometheus}/api/v1/alerts"))["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}


def require_names(names: set[str]) -> None:
    """Rules and dashboards name nothing that the nodes do not tell, and every alert has a test of it."""
    rules = [rule for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
             for rule in group["rules"]]
    named = [(rule["alert"], rule["expr"]) for rule in rules] + dashboard_expressions()
    for where, expression in named:
        missing = metrics_of(expression) - names - OWN
        assert not missing, f"{where}: no node tells {missing}"
    shown = set().union(*(metrics_of(expression) for _, expression in named))
    tests = yaml.safe_load((MONITORING / "alerts.test.yml").read_text())["tests"]
    tested = {one["alertname"] for test in tests for one in test["alert_rule_test"] if one.get("exp_alerts")}
    assert tested == {rule["alert"] for rule in rules}, tested ^ {rule["alert"] for rule in rules}
    anchors = {re.sub(r"[^a-z0-9 -]", "", line.strip("# \n").lower()).replace(" ", "-")
               for line in (PROJECT / "tools/deploy/README.md").read_text().splitlines() if line.startswith("#")}
    for rule in rules:
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert page == "tools/deploy/README.md" and anchor in anchors, rule["annotations"]["runbook"]
    print(f"  {len(rules)} alerts, {len(named) - len(rules)} expressions of dashboards, {len(shown)} metrics of theirs")


def main(programs: str) -> None:
    with tempfile.TemporaryDirectory(prefix="monitoring-") as folder:
        watch = Watch(pathlib.Path(programs), pathlib.Path(folder))
        try:
            watch.start_shop()
            watch.sell()
            watch.fail()
            require_names(watch.require_exposition())
            watch.watch()
            watch.sell()
            for where, expression in dashboard_expressions():
                wait(f"{where} has nothing to show: {expression}", 60, lambda: watch.query(expression))
            print("  every panel shows something")
            alert(watch)
        finally:
            watch.stop()


def alert(watch: Watch) -> None:
    before = watch.ringing() - {"NoPaymentProvider"}
    assert not before, f"alerts of a shop that is well: {before}"
    wait("the alert of the node that charges no customer", ARRIVAL_MAX,
         lambda: Pager.has("NoPaymentProvider", "firing", "alone"))
    watch.cloudretail("cluster", "kill", "2", "--base-dir", str(watch.cluster))
    killed = time.monotonic()
    wait("the alert of the killed node", ARRIVAL_MAX, lambda: Pager.has("NodeDown", "firing", "2"))
    print(f"  NodeDown arrived {time.monotonic() - killed:.0f} s after the kill")
    watch.cloudretail("cluster", "restart", "2", "--base-dir", str(watch.cluster))
    wait("the end of the alert", ARRIVAL_MAX, lambda: Pager.has("NodeDown", "resolved", "2"))
    assert not Pager.has("NodeDown", "firing", "1") and not Pager.has("NodeDown", "firing", "3")
    print("  its end arrived after the restart")


if __name__ == "__main__":
    main(*sys.argv[1:])
