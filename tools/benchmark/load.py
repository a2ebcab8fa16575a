"""What nodes and bare routes are asked, and how they fare."""
import json
import os
import re
import subprocess
import sys
from typing import NamedTuple

from benchmark.disk import written_kib
from benchmark.programs import run

# What is reached a second, as wrk and pgbench say it.
REACHED = re.compile(r"^(?:Requests/sec: *|tps = )([0-9.]+)", re.M)

# Orders of two lines with a key each, as wrk sends them. HOT=1 puts both on one SKU.
ORDERS = """
local token, skus = os.getenv("TOKEN"), tonumber(os.getenv("SKUS"))
local hot, prefix = os.getenv("HOT") == "1", os.getenv("PREFIX")
local n = 0
math.randomseed(os.time())
wrk.method = "POST"
function request()
  n = n + 1
  local a = hot and 1 or math.random(1, skus)
  local b = hot and 1 or math.random(1, skus)
  return wrk.format(nil, "/api/v1/orders", {
    ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. token,
    ["Idempotency-Key"] = prefix .. "-" .. n },
    string.format('{"items":[{"sku":"BENCH-%06d","quantity":1},{"sku":"BENCH-%06d","quantity":2}]}', a, b))
end
"""


class Flood(NamedTuple):
    """How orders fared that came as fast as they were answered."""

    rate: float
    # Of all nodes together, in microseconds an order.
    processor: float
    # To the disk, in KiB an order.
    written: float


class Client:
    """Asks nodes and bare routes, for so many seconds each time."""

    # Before orders are counted: what nodes put off they do for the load that is counted, and for none before it.
    WARM_SECONDS = 2

    def __init__(self, binary, seconds):
        self.binary, self.seconds = binary, seconds

    def orders(self, shop, connections, hot=False, seconds=None):
        """Orders as fast as they are answered."""
        script = shop.folder / "orders.lua"
        script.write_text(ORDERS)

        def ask(seconds):
            return self._answered([
                self._wrk(
                    url, connections // len(shop.urls), script, seconds, TOKEN=shop.token, SKUS=str(shop.skus),
                    HOT=str(int(hot)), PREFIX=os.urandom(8).hex())
                for url in shop.urls])

        ask(self.WARM_SECONDS)
        processor, written = shop.processor(), written_kib(shop.folder)
        rate, count = ask(seconds)
        return Flood(
            rate, (shop.processor() - processor) * 1e6 / count, (written_kib(shop.folder) - written) / count)

    def open_loop(self, shop, rate):
        """Latencies in milliseconds, each from when the order was due."""
        report = json.loads(run(
            self.binary, "bench", "orders", *shop.at(), "--token-file", shop.token_file, "--rate", int(rate),
            "--duration", self.seconds, "--connections", 256, "--json"))
        return report["latency_ms"]

    def reads(self, url):
        """How often a URL is read a second."""
        return self._answered([self._wrk(url, 64)])[0]

    def bare(self, folder):
        """How often a second a bare route decodes and encodes the JSON of an order, and how often one is read."""
        script = folder / "bare.lua"
        script.write_text(ORDERS)
        process = subprocess.Popen(
            [self.binary, "bench", "ceiling", "--http", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True)
        try:
            told = next(line for line in process.stderr if "listening on" in line)
            url = "http://" + told.split("listening on ")[1].split()[0]
            rate, _ = self._answered([self._wrk(url, 256, script, TOKEN="none", SKUS="2000", PREFIX="bare")])
            return rate, self.reads(url + "/api/v1/products/bare")
        finally:
            process.terminate()
            process.communicate()

    def _wrk(self, url, connections, script=None, seconds=None, **environment):
        """Starts one that asks."""
        script = ["-s", script] if script else []
        return subprocess.Popen(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds or self.seconds}s", *script, url],
            stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})

    @staticmethod
    def _answered(asking):
        """Answers a second to all that ask, and their number."""
        texts = [process.communicate()[0] for process in asking]
        for text in texts:
            if refused := re.search(r"Non-2xx.*", text):
                sys.exit(f"tools/bench: {refused[0]}")
        rate = sum(float(REACHED.search(text)[1]) for text in texts)
        return rate, sum(int(re.search(r"(\d+) requests in", text)[1]) for text in texts)
