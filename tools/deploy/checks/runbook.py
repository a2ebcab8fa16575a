"""Types the blocks of the runbook, one after another in one shell, into a folder of its own.

usage: runbook.py FOLDER
"""

import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"^```sh(?: needs ([a-z -]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# All blocks together; each waits for states that come within seconds.
LIMIT = 600


def exists(command: str) -> bool:
    """Whether `cloudretail` has the command: its parent's help answers for one that it lacks."""
    help = subprocess.run(["cloudretail", *command.split(), "--help"], capture_output=True, text=True)
    return f"USAGE: cloudretail {command}" in help.stdout


def main(folder: str) -> None:
    blocks = BLOCK.findall(PAGE.read_text())
    script, left_out, typed = ["set -euo pipefail", f"cd '{folder}'"], [], 0
    for needed, block in blocks:
        if needed and not exists(needed):
            left_out.append(needed)
            continue
        # A failure names the block, which its first line does.
        script += [f"echo '$' {quoted(block.splitlines()[0])}", block]
        typed += 1
    log = pathlib.Path(folder, "runbook.log")
    with log.open("w") as output:
        done = subprocess.run(["bash", "-c", "\n".join(script)], stdout=output, stderr=output, timeout=LIMIT)
    if done.returncode != 0:
        subprocess.run(["cloudretail", "cluster", "down", "--base-dir", f"{folder}/shop"], capture_output=True)
        raise SystemExit(f"exit code {done.returncode}\n" + "\n".join(log.read_text().splitlines()[-15:]))
    print(f"  {typed} of {len(blocks)} blocks typed")
    for needed in left_out:
        print(f"  LEFT OUT: these programs have no `cloudretail {needed}`")


def quoted(line: str) -> str:
    return "'" + line.replace("'", "'\\''") + "'"


if __name__ == "__main__":
    main(*sys.argv[1:])
