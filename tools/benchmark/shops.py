"""The nodes that are measured."""
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from benchmark.programs import run

EMAIL = "bench@example.com"
SKUS = 2_000


class Shop:
    """Some nodes of one cluster that orders are asked of. They stand still while others are asked."""

    started = []

    def __init__(self, binary, folder, skus):
        self.started.append(self)
        self.binary, self.folder, self.skus = binary, folder, skus
        self.urls, self.pids, self.token = [], [], ""
        folder.mkdir()
        self.password = folder / "password"
        self.password.write_text(f"bench password {os.urandom(8).hex()}\n")
        self.password.chmod(0o600)
        self.token_file = folder / "token"

    def log_in(self):
        """A token is good for minutes only."""
        asked = json.dumps({"email": EMAIL, "password": self.password.read_text().strip()}).encode()
        request = urllib.request.Request(
            self.urls[0] + "/api/v1/auth/login", asked, {"Content-Type": "application/json"})
        self.token_file.write_bytes(urllib.request.urlopen(request).read())
        self.token = json.loads(self.token_file.read_text())["access_token"]

    def prepare(self):
        """Makes what is ordered. Then the nodes rest."""
        self.log_in()
        run(self.binary, "bench", "prepare", *self.at(), "--token-file", self.token_file, "--skus", self.skus)
        self.rest()

    def at(self):
        return [f"--url={url}" for url in self.urls]

    def rest(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGSTOP)

    def go_on(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGCONT)
        self.log_in()

    def processor(self):
        """Seconds that all nodes together have computed so far."""
        stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self.pids]
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")

    def settle(self):
        """Waits until what it has put off while it was busy is done: sales are counted, and the index follows."""
        for _ in range(40):
            before = self.processor()
            time.sleep(0.5)
            if self.processor() - before < 0.05 * len(self.pids):
                return

    def resident(self):
        """MiB."""
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in self.pids]
        return sum(int(re.search(r"^VmRSS:\s*(\d+)", status, re.M)[1]) for status in statuses) / 1024


class Node(Shop):
    """One node alone."""

    def __init__(self, binary, folder, skus=SKUS, environment=None, storefront=None):
        # All clients of a benchmark have one address. A program that does not know the variable has no limit.
        self.environment = {**(environment or os.environ), "CLOUDRETAIL_CONNECTIONS_PER_ADDRESS_MAX": "2000"}
        self.settings = ["--storefront", storefront] if storefront else []
        self.process = None
        super().__init__(binary, folder, skus)
        run(binary, "admin", "create", "--data-dir", self.data, "--email", EMAIL, "--password-file", self.password)
        self.start()
        self.prepare()

    @property
    def data(self):
        return self.folder / "data"

    def start(self):
        """Milliseconds until it listens."""
        begun = time.monotonic()
        with open(self.folder / "error", "a") as error:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--data-dir", self.data, "--http", "127.0.0.1:0", "--payment", "in-process",
                 "--rate-limits", "off", *self.settings],
                stdout=subprocess.PIPE, stderr=error, text=True, env=self.environment)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            sys.exit(f"tools/bench: {self.binary} does not serve: {(self.folder / 'error').read_text()}")
        self.urls, self.pids = [line.split()[-1]], [self.process.pid]
        return (time.monotonic() - begun) * 1000

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait()
        self.process = None

    def end(self):
        """Stops it, and judges its log."""
        self.stop()
        run(self.binary, "verify", "--data-dir", self.data)


class Cluster(Shop):
    """Three nodes."""

    def __init__(self, binary, folder, shards):
        super().__init__(binary, folder, SKUS)
        self.base = folder / "cluster"
        self.base.mkdir()
        up = json.loads(run(
            binary, "cluster", "up", "--base-dir", self.base, "--nodes", 3, "--shards", shards, "--payment",
            "in-process", "--admin-email", EMAIL, "--admin-password-file", self.password, "--rate-limits", "off",
            "--detach", "--json"))
        self.urls = [node["http"] for node in up["nodes"]]
        self.pids = [node["pid"] for node in up["nodes"]]
        self.prepare()

    def stop(self):
        if not self.pids:
            return
        for pid in self.pids:
            os.kill(pid, signal.SIGCONT)
        self.pids = []
        run(self.binary, "cluster", "down", "--base-dir", self.base)

    def end(self):
        self.stop()
        for data in sorted(self.base.glob("node-*/data")):
            run(self.binary, "verify", "--data-dir", data)
