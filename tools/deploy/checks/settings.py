"""What every way to deploy says about a node: known settings, the same secrets, the same ports."""

import re
import subprocess

# Where a node listens for clients, peers and Prometheus.
PORTS = {"CLOUDRETAIL_HTTP": "0.0.0.0:8080", "CLOUDRETAIL_CLUSTER_LISTEN": "0.0.0.0:7000",
         "CLOUDRETAIL_METRICS": "0.0.0.0:9100"}
# A node of several takes no order without these.
REQUIRED = {*PORTS, "CLOUDRETAIL_DATA_DIR", "CLOUDRETAIL_NODE_ID", "CLOUDRETAIL_CLUSTER_ID",
            "CLOUDRETAIL_CLUSTER_MEMBERS", "CLOUDRETAIL_CLUSTER_CERTIFICATE", "CLOUDRETAIL_CLUSTER_KEY",
            "CLOUDRETAIL_CLUSTER_AUTHORITY", "CLOUDRETAIL_CLUSTER_SECRET_FILE", "CLOUDRETAIL_PAYMENT_URL",
            "CLOUDRETAIL_PAYMENT_KEY_FILE"}


def known() -> set[str]:
    """The names of the environment that `cloudretail serve` takes."""
    text = subprocess.run(["cloudretail", "serve", "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\bCLOUDRETAIL_[A-Z_]+", text))


def judge(settings: dict[str, str]) -> None:
    """Fails for a setting that no node knows, for one that is missing, and for a port that is another elsewhere."""
    unknown, missing = set(settings) - known(), REQUIRED - set(settings)
    assert not unknown and not missing, f"unknown: {unknown}, missing: {missing}"
    for name, address in PORTS.items():
        assert settings[name] == address, f"{name}: {settings[name]}"
    members = dict(part.split("=") for part in settings["CLOUDRETAIL_CLUSTER_MEMBERS"].split(","))
    assert sorted(members) == ["1", "2", "3"] and len(set(members.values())) == 3, members
    assert all(address.endswith(":7000") for address in members.values()), members
