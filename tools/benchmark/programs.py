"""Programs that are run to their end."""
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent


def run(*command, **options):
    """What a program printed; what it complained of where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"tools/bench: {command[0]} {command[1]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def products():
    """The folder of what a debug build makes."""
    return Path(run("swift", "build", "--show-bin-path", cwd=PROJECT).strip())
