"""The unit's exposure, its settings, and a node that runs under its filter of system calls and address families.

usage: systemd.py FOLDER EXPOSURE
"""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import settings


def lines_of(unit: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit, re.MULTILINE)


def calls_of(names: str) -> set[str]:
    """The system calls of a list of names and groups; a group may hold groups."""
    found: set[str] = set()
    for name in names.split():
        if not name.startswith("@"):
            found.add(name)
            continue
        listing = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True,
                                 check=True).stdout
        inner = [line.strip() for line in listing.splitlines()[1:] if line.strip() and "#" not in line]
        found |= calls_of(" ".join(inner))
    return found


def confine(unit: str) -> None:
    """Puts the filter of the unit on this process and all that it starts."""
    import pyseccomp

    allowed = calls_of("@default")
    for line in lines_of(unit, "SystemCallFilter"):
        if line.startswith("~"):
            allowed -= calls_of(line[1:])
        else:
            allowed |= calls_of(line)
    assert lines_of(unit, "SystemCallErrorNumber") == ["EPERM"]
    kernel = pyseccomp.SyscallFilter(pyseccomp.ERRNO(1))
    for name in sorted(allowed - {"socket"}):
        try:
            kernel.add_rule(pyseccomp.ALLOW, name)
        except OSError:
            continue  # A call of another architecture.
    (families,) = lines_of(unit, "RestrictAddressFamilies")
    for family in families.split():
        kernel.add_rule(pyseccomp.ALLOW, "socket", pyseccomp.Arg(0, pyseccomp.EQ, getattr(socket, family)))
    kernel.load()


def serve_confined(unit: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/log", "wb") as log:
            child = os.fork()
            if child == 0:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
                confine(unit)
                program, verb = lines_of(unit, "ExecStart")[0].split()[:2]
                os.execv(program, [
                    program, verb, "--data-dir", f"{folder}/node", "--http", "127.0.0.1:0", "--payment", "in-process"])
        try:
            url = wait_for_url(pathlib.Path(folder, "log"))
            with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:
                assert answer.status == 200
            filters = re.search(r"Seccomp:\t(\d)", pathlib.Path(f"/proc/{child}/status").read_text())[1]
            assert filters == "2", "no filter is on"
        finally:
            os.kill(child, signal.SIGTERM)
            _, status = os.waitpid(child, 0)
        assert status == 0, f"the node ended with {status}:\n{pathlib.Path(folder, 'log').read_text()[-2000:]}"


def wait_for_url(log: pathlib.Path) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if found := re.search(r"^listening on (\S+)\n", log.read_text(), re.MULTILINE):
            return found[1]
        time.sleep(0.1)
    raise SystemExit(f"the node does not serve:\n{log.read_text()[-2000:]}")


def main(folder: str, exposure: str) -> None:
    file = pathlib.Path(folder, "cloudretail.service")
    unit = file.read_text()
    review = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", file], capture_output=True, text=True)
    level = float(re.search(r"exposure level for \S+ ([\d.]+)", review.stdout)[1])
    assert level <= float(exposure), f"exposure {level}"

    node = json.loads(pathlib.Path(folder, "node.json").read_text())
    settings.judge({"CLOUDRETAIL_" + name.upper().replace("-", "_"): value for name, value in node.items()})
    bound = {line.removeprefix("tcp:") for line in lines_of(unit, "SocketBindAllow")}
    assert bound == {address.split(":")[1] for address in settings.PORTS.values()}, bound
    assert node["data-dir"].startswith("/var/lib/" + lines_of(unit, "StateDirectory")[0] + "/")
    outside = [value for value in node.values() if value.startswith("/etc/") and
               not value.startswith("/etc/" + lines_of(unit, "ConfigurationDirectory")[0] + "/")]
    assert not outside, outside

    serve_confined(unit)
    print(f"  exposure {level}; a node serves, and stops, under the unit's filter")


if __name__ == "__main__":
    main(*sys.argv[1:])
