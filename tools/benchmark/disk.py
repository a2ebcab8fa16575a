"""The disk as it is while something is measured."""
import os
import statistics
import struct
import time
from pathlib import Path

from benchmark.programs import PROJECT, products, run


def written_kib(folder):
    """What the block device under a folder has written so far; zero where none can be told."""
    device = os.stat(folder).st_dev
    counters = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat")
    return int(counters.read_text().split()[6]) / 2 if counters.exists() else 0


def flush_ms(folder):
    """The median time of 100 flushes of 4 KiB."""
    with open(folder / "flush", "wb", buffering=0) as file:
        def one():
            file.write(b"x" * 4096)
            begun = time.monotonic()
            os.fdatasync(file.fileno())
            return (time.monotonic() - begun) * 1000
        return statistics.median(one() for _ in range(100))


def slowed(folder, delay_ms):
    """The environment of a node whose flushes take so much longer."""
    run("swift", "build", "--product", "MachineFaults", cwd=PROJECT)
    library = products() / "libMachineFaults.so"
    faults = folder / "machine"
    faults.write_bytes(struct.pack("6q", 0, 0, 0, int(delay_ms * 1000), 0, 0))
    return {**os.environ, "LD_PRELOAD": str(library), "MACHINE_FAULTS": str(faults)}
