"""Finds words in manifests that Kubernetes would refuse, and that the schemas take: they know of texts only.

Each rule is for a field by its name, wherever it is. Source: Kubernetes API reference 1.31.
"""

import re

QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
WORDS = {
    "protocol": {"TCP", "UDP", "SCTP"},
    "podManagementPolicy": {"OrderedReady", "Parallel"},
    "restartPolicy": {"Always"},
    "fsGroupChangePolicy": {"OnRootMismatch", "Always"},
    "whenUnsatisfiable": {"DoNotSchedule", "ScheduleAnyway"},
    "whenDeleted": {"Retain", "Delete"},
    "whenScaled": {"Retain", "Delete"},
    "unhealthyPodEvictionPolicy": {"IfHealthyBudget", "AlwaysAllow"},
    "clusterIP": {"None"},
    "medium": {"Memory", ""},
    "imagePullPolicy": {"Always", "IfNotPresent", "Never"},
}
LISTS = {
    "accessModes": {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"},
    "policyTypes": {"Ingress", "Egress"},
    "drop": {"ALL"},
}
TYPES = {
    "seccompProfile": {"RuntimeDefault", "Localhost"},
    "updateStrategy": {"RollingUpdate", "OnDelete"},
}


def faults(node, path="", ports=None):
    """One line for each word that is none, by where it stands."""
    ports = named_ports(node) if ports is None else ports
    if isinstance(node, list):
        return [fault for place, one in enumerate(node) for fault in faults(one, f"{path}[{place}]", ports)]
    if not isinstance(node, dict):
        return []
    found = []
    for key, value in node.items():
        here = f"{path}.{key}" if path else key
        if key in WORDS and value not in WORDS[key]:
            found.append(f"{here}: {value}")
        if key in LISTS:
            found += [f"{here}: {word}" for word in value if word not in LISTS[key]]
        if key in TYPES and value.get("type") not in TYPES[key]:
            found.append(f"{here}.type: {value.get('type')}")
        if key in ("requests", "limits") and path.endswith("resources"):
            found += [f"{here}.{name}: {amount}" for name, amount in value.items()
                      if name not in ("cpu", "memory", "storage", "ephemeral-storage")
                      or not QUANTITY.fullmatch(str(amount))]
        if key == "sizeLimit" and not QUANTITY.fullmatch(str(value)):
            found.append(f"{here}: {value}")
        if key in ("port", "targetPort") and isinstance(value, str) and value not in ports:
            found.append(f"{here}: no port is named {value}")
        if key in ("port", "targetPort", "containerPort") and isinstance(value, int) and not 0 < value < 65536:
            found.append(f"{here}: {value}")
        if key == "namespace" and not LABEL.fullmatch(value):
            found.append(f"{here}: {value}")
        found += faults(value, here, ports)
    return found


def named_ports(node):
    if isinstance(node, list):
        return set().union(*map(named_ports, node))
    if not isinstance(node, dict):
        return set()
    own = {node["name"]} if "containerPort" in node else set()
    return own.union(*map(named_ports, node.values()))
