"""Every library that the programs load comes from Swift or from a package that the image's last stage installs.

usage: image.py DOCKERFILE PROGRAMS
"""

import pathlib
import re
import subprocess
import sys

# In the slim image: what Swift's own libraries need, as its publisher has it.
IN_BASE = {"libc6", "libgcc-s1", "libstdc++6"}


def package_of(library: str) -> str:
    """The Debian package of a file; on machines where /lib is /usr/lib, files are known by either name."""
    for path in (library, "/usr" + library):
        found = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    raise SystemExit(f"{library} is of no package")


def main(dockerfile: str, programs: str) -> None:
    last = pathlib.Path(dockerfile).read_text().split("\nFROM ")[-1].replace("\\\n", " ")
    installed = set(re.search(r"apt-get install -y --no-install-recommends ([^&]*)", last)[1].split())
    needed = set()
    for program in ("cloudretail", "payment-simulator"):
        lines = subprocess.run(["ldd", pathlib.Path(programs) / program], capture_output=True, text=True, check=True)
        for name, path in re.findall(r"(\S+) => (\S+)", lines.stdout):
            assert path != "not", f"{program} misses {name}"
            if "/usr/lib/swift/linux/" not in path:
                needed.add(package_of(path))
    missing = needed - installed - IN_BASE
    assert not missing, f"the image misses {missing}"
    spare = installed - needed - {"curl"}
    assert not spare, f"the image installs for nothing: {spare}"
    print(f"  libraries of {', '.join(sorted(needed))}")


if __name__ == "__main__":
    main(*sys.argv[1:])
