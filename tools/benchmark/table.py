"""What was measured, and how far it is from what is aimed at."""
import statistics
from typing import NamedTuple, Optional

from benchmark.peers import PEERS


class Row(NamedTuple):
    """A figure, what it is compared with, and the ratio that is aimed at: `most`, or `least`."""

    title: str
    figure: str
    other: str
    least: Optional[float] = None
    most: Optional[float] = None


ROWS = [
    Row("orders/s at 64 connections, of the other program's", "new 64", "old 64"),
    Row("orders/s at 256", "new 256", "old 256", least=1.9),
    Row("orders/s at 64, slow flushes", "new slow 64", "old slow 64", least=2.0),
    Row("orders/s at 256, slow flushes", "new slow 256", "old slow 256", least=2.0),
    Row("orders/s at 64, many SKUs", "new large", "old large"),
    Row("processor at 64, us an order", "new 64 processor", "old 64 processor"),
    Row("processor at 256", "new 256 processor", "old 256 processor", most=0.5),
    Row("instructions an order, the engine alone", "new engine", "old engine", most=0.4),
    Row("p50, open loop at half of the peak, ms", "new p50", "old p50"),
    Row("p99", "new p99", "old p99", most=0.25),
    Row("p99.9", "new p999", "old p999"),
    Row("written to the disk at 256, KiB an order", "new 256 written", "old 256 written", most=0.5),
    Row("memory, MiB", "new memory", "old memory", most=0.8),
    Row("start, ms", "new start", "old start"),
    Row("one hot SKU / spread", "new hot", "new 256", least=0.95),
    Row("processor at 1,024 / at 64, us an order", "new 1024 processor", "new 64 processor", most=1.15),
    Row("many SKUs / 2,000, orders/s at 64", "new large", "new 64", least=0.7),
    Row("many SKUs / 2,000, processor, us an order", "new large processor", "new 64 processor"),
    Row("many SKUs / 2,000, written, KiB an order", "new large written", "new 64 written"),
    Row("an order / a bare route with the same JSON", "new 256", "bare", least=0.75),
    Row("a product / a bare GET", "product", "bare get", least=0.9),
    Row("a small file / a bare GET", "file", "bare get", least=0.9),
    Row("three nodes / one", "three", "new 256", least=0.5),
    Row("three nodes, hot / spread", "three hot", "three"),
    Row("three nodes / one, processor, us an order", "three processor", "new 256 processor"),
    Row("three nodes / one, p99 at half of the peak, ms", "three p99", "new p99"),
    Row(f"a node / {PEERS['seed'].title}", "new 256", "seed", least=22),
    Row("a node / the same, one hot SKU", "new hot", "seed-hot"),
    Row(f"a node / {PEERS['postgres'].title}", "new 256", "postgres", least=2),
    Row("a node / the same, one hot SKU", "new hot", "postgres-hot", least=6),
    Row(f"three nodes / {PEERS['seed'].title}", "three", "seed", least=5),
    Row(f"three nodes / {PEERS['standbys'].title}", "three", "standbys", least=1),
    Row("three nodes / the same, one hot SKU", "three hot", "standbys-hot", least=8),
    Row(f"three nodes / {PEERS['etcd'].title}", "three", "etcd", least=1),
]


def print_table(measurement):
    median = measurement.median
    print(f"{'medians of ' + str(len(measurement.turns)) + ' turns':50} {'it':>9} {'other':>9} {'ratio':>6}"
          f"  {'of the turns':16} aim")
    for row in ROWS:
        ratios = measurement.ratios(row.figure, row.other)
        if not ratios:
            continue
        aim = f"at most {row.most}" if row.most else f"at least {row.least}" if row.least else ""
        print(f"{row.title:50} {median(row.figure):9,.1f} {median(row.other):9,.1f} {statistics.median(ratios):6.2f}"
              f"  {f'{ratios[0]:.2f} to {ratios[-1]:.2f}':16} {aim}")
    for name in measurement.clusters:
        figures = ", ".join(f"{key} {median(f'{name} {key}'):,.1f}" for key in ("p50", "p99", "p999"))
        print(f"{name} at half of {median(name):,.0f} orders/s, open loop, ms: {figures}")
    print(f"a flush of 4 KiB: {median('flush'):.2f} ms")
