"""Runs the services of a compose file where no container engine runs: each in a network and a mount namespace of its
own, as the user, with the command, environment, secrets and volumes that the file gives it, on a read-only root."""

import os
import pathlib
import re
import subprocess
import time

import yaml

BRIDGE = "switch"
IMAGE_ENTRYPOINT = ["/usr/local/bin/cloudretail"]
DATA = "/var/lib/cloudretail"


def run(*command: str, **options) -> str:
    """What a command that must succeed prints."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def seconds(text: str) -> float:
    """Reads `5s` or `1m30s`."""
    return sum(float(number) * {"m": 60, "s": 1}[unit] for number, unit in re.findall(r"(\d+)([ms])", text))


class Container:
    """One service: where it runs, and its process while it does."""

    def __init__(self, name: str, service: dict, number: int, cluster: "Containers"):
        self.name, self.service, self.cluster = name, service, cluster
        self.address = f"10.87.0.{number}"
        self.namespace = f"{cluster.prefix}-{number}"
        self.volume = cluster.folder / "volumes" / name
        self.log = cluster.folder / f"{name}.log"
        self.process = None

    def connect(self) -> None:
        """Makes the network namespace, its line to the bridge, and the volume as the image has it."""
        inside, outside = self.namespace + "i", self.namespace + "o"
        run("ip", "netns", "add", self.namespace)
        run("ip", "link", "add", inside, "netns", self.namespace, "type", "veth", "peer", "name", outside, "netns",
            self.cluster.switch)
        run("ip", "-n", self.cluster.switch, "link", "set", outside, "master", BRIDGE, "up")
        run("ip", "-n", self.namespace, "link", "set", "lo", "up")
        run("ip", "-n", self.namespace, "address", "add", f"{self.address}/24", "dev", inside)
        run("ip", "-n", self.namespace, "link", "set", inside, "up")
        self.volume.mkdir(parents=True, mode=0o700)
        os.chown(self.volume, *self.user)

    @property
    def user(self) -> tuple[int, int]:
        user, group = self.service["user"].split(":")
        return int(user), int(group)

    def start(self) -> None:
        mounts = [
            "mount -t tmpfs tmpfs /run", "mkdir /run/secrets",
            f"mount --bind {self.cluster.programs} /usr/local/bin",
            f"mount --bind {self.cluster.hosts} /etc/hosts",
            "mount -t tmpfs tmpfs /var/lib", f"mkdir {DATA}", f"mount --bind {self.volume} {DATA}",
        ]
        for secret in self.service.get("secrets", []):
            file = self.cluster.secrets[secret["source"]]["file"]
            target = f"/run/secrets/{secret.get('target', secret['source'])}"
            mounts += [f"touch {target}", f"mount --bind {file} {target}"]
        if self.service.get("read_only"):
            mounts += ["mount -o remount,bind,ro /", "mount -o remount,ro /run"]
        user, group = self.user
        command = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        if "no-new-privileges:true" in self.service.get("security_opt", []):
            command.append("--no-new-privs")
        if self.service.get("cap_drop") == ["ALL"]:
            command += ["--inh-caps=-all", "--bounding-set=-all"]
        command += ["env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin"]
        command += [f"{name}={value}" for name, value in self.service.get("environment", {}).items()]
        command += self.service.get("entrypoint", IMAGE_ENTRYPOINT) + self.service.get("command", ["serve"])
        script = " && ".join(mounts) + ' && cd / && exec "$@"'
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.namespace, "unshare", "--mount", "--propagation", "private", "sh", "-c",
                 script, "sh", *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def is_healthy(self) -> bool:
        kind, *command = self.service["healthcheck"]["test"]
        assert kind == "CMD", kind
        return subprocess.run(
            ["ip", "netns", "exec", self.namespace, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=seconds(self.service["healthcheck"]["timeout"]) + 1).returncode == 0

    def wait_until_healthy(self) -> float:
        """Asks as the file says; gives the time that it took, in seconds."""
        check = self.service["healthcheck"]
        limit = seconds(check.get("start_period", "0s")) + seconds(check["interval"]) * int(check["retries"])
        begin = time.monotonic()
        while not self.is_healthy():
            if self.process.poll() is not None or time.monotonic() - begin > limit:
                raise SystemExit(f"{self.name} is not healthy:\n{self.tail()}")
            time.sleep(0.2)
        return time.monotonic() - begin

    def stop(self) -> float:
        """Ends it as an engine does; gives the time that it took, in seconds."""
        begin = time.monotonic()
        self.process.terminate()
        try:
            code = self.process.wait(seconds(self.service["stop_grace_period"]))
        except subprocess.TimeoutExpired:
            raise SystemExit(f"{self.name} does not stop:\n{self.tail()}") from None
        if code != 0:
            raise SystemExit(f"{self.name} stopped with exit code {code}:\n{self.tail()}")
        return time.monotonic() - begin

    def require_confined(self) -> None:
        """What the kernel says of the process: user, capabilities, and what it may write to."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert facts["Uid"].split() == [str(self.user[0])] * 4, facts["Uid"]
        assert facts["Gid"].split() == [str(self.user[1])] * 4, facts["Gid"]
        assert facts["NoNewPrivs"] == "1", facts["NoNewPrivs"]
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd"):
            assert int(facts[kind], 16) == 0, (kind, facts[kind])
        mounts = pathlib.Path(f"/proc/{self.process.pid}/mountinfo").read_text().splitlines()
        options = {fields[4]: fields[5].split(",") for fields in map(str.split, mounts)}
        assert "ro" in options["/"] and "ro" in options["/run"], options

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])


class Containers:
    """All services of a compose file that `docker-compose config` has resolved, on a network of their own."""

    def __init__(self, resolved: str, programs: pathlib.Path, folder: pathlib.Path):
        document = yaml.safe_load(resolved)
        self.folder, self.programs = folder, programs
        self.prefix = f"cr{os.getpid()}"
        self.switch = f"{self.prefix}-s"
        self.secrets = document["secrets"]
        self.all = {
            name: Container(name, service, number, self)
            for number, (name, service) in enumerate(sorted(document["services"].items()), start=1)
        }
        self.hosts = folder / "hosts"
        self.hosts.write_text(
            "127.0.0.1 localhost\n" + "".join(f"{one.address} {name}\n" for name, one in self.all.items()))

    def __enter__(self) -> "Containers":
        run("ip", "netns", "add", self.switch)
        run("ip", "-n", self.switch, "link", "add", BRIDGE, "type", "bridge")
        run("ip", "-n", self.switch, "address", "add", "10.87.0.254/24", "dev", BRIDGE)
        run("ip", "-n", self.switch, "link", "set", BRIDGE, "up")
        for container in self.all.values():
            container.connect()
        return self

    def __exit__(self, *_) -> None:
        for container in self.all.values():
            if container.process and container.process.poll() is None:
                container.process.kill()
                container.process.wait()
        for namespace in [*(one.namespace for one in self.all.values()), self.switch]:
            subprocess.run(["ip", "netns", "delete", namespace], stderr=subprocess.DEVNULL)

    def up(self) -> None:
        """Starts each service once those that it depends on are healthy."""
        waiting = dict(self.all)
        while waiting:
            able = [one for one in waiting.values() if not set(one.service.get("depends_on", {})) & set(waiting)]
            assert able, f"services that wait for each other: {list(waiting)}"
            for container in able:
                container.start()
                del waiting[container.name]
            for container in able:
                print(f"  {container.name} is healthy after {container.wait_until_healthy():.1f} s")

    def curl(self, *arguments: str) -> str:
        """What a client beside the services gets."""
        return run("ip", "netns", "exec", self.switch, "curl", "-sS", "--fail-with-body", "--max-time", "30",
                   *arguments)
