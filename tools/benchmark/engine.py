"""What an order costs the engine alone."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmark.programs import PROJECT, products, run

# What an order of two lines costs in a debug build, whose engine is optimised. A change that is worth more, or needs
# less, writes its own number here.
QUICK_INSTRUCTIONS = 597_000


def quick():
    """Fails where an order has become dearer by more than 5 %."""
    run(PROJECT / "tools/install", "valgrind", "binutils")
    subprocess.run(["swift", "build", "--product", "engine-bench"], cwd=PROJECT, check=True)
    with tempfile.TemporaryDirectory() as folder:
        order = instructions_an_order(products() / "engine-bench", Path(folder))
    print(f"{order} instructions an order, where {QUICK_INSTRUCTIONS} are expected")
    if order > QUICK_INSTRUCTIONS * 1.05:
        sys.exit("tools/bench: an order has become dearer by more than 5 %")
    if order < QUICK_INSTRUCTIONS * 0.95:
        print("An order has become cheaper by more than 5 %: the number is to be written down.")


def instructions_an_order(program, folder):
    """Without the start of the program and its end."""
    stripped = folder / "engine-bench"
    # Valgrind reads the symbols, not Swift's debugging information.
    run("strip", "-g", "-o", stripped, program)

    def counted(orders):
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind", stripped, str(orders)],
            capture_output=True, text=True, env={**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1"})
        told = re.search(r"Collected : (\d+)", done.stderr)
        if done.returncode or not told:
            sys.exit(f"tools/bench: {program}: {done.stderr[-500:]}")
        return int(told[1])

    return (counted(1_200) - counted(200)) // 1_000
