"""What we are compared with, in the settings that are best for each."""
import os
import subprocess
import sys
from typing import NamedTuple

from benchmark.load import REACHED


class Peer(NamedTuple):
    """Its script is `run.sh` in the folder."""

    title: str
    folder: str
    connections: int
    settings: dict


PEERS = {
    "seed": Peer("Express, two services and MariaDB", "seedstack", 32, {}),
    "seed-hot": Peer("Express and MariaDB, one hot SKU", "seedstack", 32, {"HOT": "1"}),
    "postgres": Peer("PostgreSQL, a function an order", "postgres", 64, {}),
    "postgres-hot": Peer("PostgreSQL, one hot SKU", "postgres", 16, {"HOT": "1"}),
    "standbys": Peer("PostgreSQL with two standbys", "postgres", 32, {"REPLICAS": "2"}),
    "standbys-hot": Peer("PostgreSQL with two standbys, hot", "postgres", 16, {"HOT": "1", "REPLICAS": "2"}),
    "etcd": Peer("etcd, puts of 200 bytes", "etcd", 256, {}),
}


def reached(name, scripts, seconds):
    """Orders, or puts, a second; None where it cannot be measured."""
    peer = PEERS[name]
    environment = {**os.environ, "SECS": str(seconds), "CONN": str(peer.connections), **peer.settings}
    done = subprocess.run([scripts / peer.folder / "run.sh"], capture_output=True, text=True, env=environment)
    told = REACHED.search(done.stdout)
    if not told:
        print(f"{peer.title} is not measured: {done.stderr.strip()[-200:]}", file=sys.stderr)
    return float(told[1]) if told else None
