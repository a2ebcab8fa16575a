"""What is measured in a turn."""
import json
import shutil
import statistics
import urllib.request

from benchmark.disk import flush_ms, slowed
from benchmark.engine import instructions_an_order
from benchmark.peers import PEERS, reached
from benchmark.programs import PROJECT
from benchmark.shops import Cluster, Node

STOREFRONT = PROJECT / ".build/storefront"


class Measurement:
    """All that is measured, and the figures of each turn by their names."""

    def __init__(self, folder, client, options):
        self.folder, self.client, self.options = folder, client, options
        self.turns = []
        # Orders a second of the open loop.
        self.half = None
        self.binaries = {"old": options.against} if options.against else {}
        self.binaries["new"] = client.binary
        self.nodes = self.started("")
        self.slow = self.started("-slow", slowed(folder, options.flush_delay)) if options.flush_delay else {}
        self.large = self.started("-large", skus=options.large_skus) if options.large_skus else {}
        # By how the figures are called.
        self.clusters = {
            f"three, {shards} shards" if place else "three": Cluster(client.binary, folder / f"{shards}-shards", shards)
            for place, shards in enumerate(options.shards.split())}
        for shop in [*self.nodes.values(), *self.slow.values(), *self.large.values(), *self.clusters.values()]:
            shop.go_on()
            client.orders(shop, 64)
            shop.rest()

    def started(self, suffix, environment=None, **options):
        return {
            name: Node(
                binary, self.folder / f"{name}{suffix}", environment=environment,
                storefront=STOREFRONT if name == "new" and STOREFRONT.exists() else None, **options)
            for name, binary in self.binaries.items()}

    def take_turn(self):
        figures = {"flush": flush_ms(self.folder)}
        for name, node in self.in_turn(self.nodes):
            figures.update(self.of_node(name, node))
        for name, node in self.in_turn(self.slow):
            figures.update(self.of_slow_node(name, node))
        for name, node in self.in_turn(self.large):
            figures.update(self.of_large_node(name, node))
        figures["bare"], figures["bare get"] = self.client.bare(self.folder)
        figures.update(self.of_reads(self.nodes["new"]))
        for name, cluster in self.clusters.items():
            figures.update(self.of_cluster(name, cluster))
        for name in PEERS if self.options.peers else ():
            figures[name] = reached(name, self.options.peers, self.options.seconds)
        if not self.turns:
            figures.update(self.of_engines())
        self.turns.append(figures)

    def in_turn(self, nodes):
        """Each program comes first in turn."""
        return list(nodes.items())[:: 1 if len(self.turns) % 2 else -1]

    def of_node(self, name, node):
        node.go_on()
        figures = {}
        for connections in (64, 256, 1024):
            flood = self.client.orders(node, connections)
            figures[f"{name} {connections}"] = flood.rate
            figures[f"{name} {connections} processor"] = flood.processor
            figures[f"{name} {connections} written"] = flood.written
        figures[f"{name} hot"] = self.client.orders(node, 256, hot=True).rate
        self.half = self.half or figures[f"{name} 64"] / 2
        figures.update(self.latencies(name, node, self.half))
        figures[f"{name} memory"] = node.resident()
        node.stop()
        figures[f"{name} start"] = node.start()
        node.rest()
        return figures

    def of_slow_node(self, name, node):
        node.go_on()
        figures = {f"{name} slow {count}": self.client.orders(node, count).rate for count in (64, 256)}
        node.rest()
        return figures

    def of_large_node(self, name, node):
        node.go_on()
        flood = self.client.orders(node, 64)
        node.rest()
        return {
            f"{name} large": flood.rate, f"{name} large processor": flood.processor,
            f"{name} large written": flood.written}

    def of_reads(self, node):
        node.go_on()
        with urllib.request.urlopen(node.urls[0] + "/api/v1/products?limit=1") as answer:
            product = json.load(answer)["data"][0]["id"]
        figures = {"product": self.client.reads(f"{node.urls[0]}/api/v1/products/{product}")}
        for icon in STOREFRONT.glob("assets/icon-*.svg"):
            figures["file"] = self.client.reads(f"{node.urls[0]}/assets/{icon.name}")
        node.rest()
        return figures

    def of_cluster(self, name, cluster):
        cluster.go_on()
        spread, hot = self.client.orders(cluster, 256), self.client.orders(cluster, 256, hot=True)
        figures = {name: spread.rate, f"{name} processor": spread.processor, f"{name} hot": hot.rate}
        figures.update(self.latencies(name, cluster, spread.rate / 2))
        cluster.rest()
        return figures

    def latencies(self, name, shop, rate):
        shop.settle()
        told = self.client.open_loop(shop, rate)
        return {f"{name} {key}": told[key] for key in ("p50", "p99", "p999")}

    def of_engines(self):
        """Instructions of an order, where each program has an `engine-bench` beside it."""
        programs = {name: binary.parent / "engine-bench" for name, binary in self.binaries.items()}
        if not shutil.which("valgrind") or not all(program.exists() for program in programs.values()):
            return {}
        return {f"{name} engine": instructions_an_order(program, self.folder) for name, program in programs.items()}

    def median(self, figure):
        """None where it was not measured."""
        values = [turn[figure] for turn in self.turns if turn.get(figure) is not None]
        return statistics.median(values) if values else None

    def ratios(self, figure, other):
        """Of each turn, the lowest first."""
        return sorted(
            turn[figure] / turn[other] for turn in self.turns if turn.get(figure) is not None and turn.get(other))
