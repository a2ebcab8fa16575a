"""Judges lines in CloudWatch's Embedded Metric Format, and compares what they tell with what is watched there.

Sources: "Specification: Embedded metric format", Amazon CloudWatch User Guide; "MetricDatum" and "Dimension", Amazon
CloudWatch API reference.
"""

import json
import re
import time

import jsonschema

# A service that keeps an event takes it up to 14 days late and 2 hours early; ours are written as they happen.
SKEW_MAX = 3600
LINE_BYTES_MAX = 1 << 20
VALUES_MAX = 100
SIZES = [f"{size}{unit}".capitalize() for size in ("", "kilo", "mega", "giga", "tera") for unit in ("bytes", "bits")]
RATES = [f"{unit}/Second" for unit in [*SIZES, "Count"]]
UNITS = ["Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "None", *SIZES, *RATES]
NAME = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$"}
SCHEMA = {
    "type": "object",
    "required": ["_aws"],
    "properties": {"_aws": {
        "type": "object",
        "required": ["Timestamp", "CloudWatchMetrics"],
        "additionalProperties": False,
        "properties": {
            "Timestamp": {"type": "integer", "minimum": 0},
            "CloudWatchMetrics": {"type": "array", "minItems": 1, "items": {
                "type": "object",
                "required": ["Namespace", "Dimensions", "Metrics"],
                "additionalProperties": False,
                "properties": {
                    "Namespace": NAME | {"pattern": r"^(?!AWS/)[0-9A-Za-z.\-_/#][0-9A-Za-z.\-_/#:]*$"},
                    "Dimensions": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {
                        "type": "array", "maxItems": 30, "uniqueItems": True,
                        "items": NAME | {"not": {"pattern": "^:"}}}},
                    "Metrics": {"type": "array", "minItems": 1, "maxItems": 100, "items": {
                        "type": "object",
                        "required": ["Name"],
                        "additionalProperties": False,
                        "properties": {"Name": NAME, "Unit": {"enum": UNITS}, "StorageResolution": {"enum": [1, 60]}},
                    }},
                },
            }},
        },
    }},
}
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def once(pairs: list[tuple]) -> dict:
    """An object of JSON; a member that comes twice is refused."""
    members = dict(pairs)
    assert len(members) == len(pairs), f"a member twice: {[name for name, _ in pairs]}"
    return members


def is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def judge(line: str) -> dict[tuple, object]:
    """The values that CloudWatch takes from a line: by namespace, metric and the dimensions' names and values."""
    assert len(line.encode()) <= LINE_BYTES_MAX, "too long"
    root = json.loads(line, object_pairs_hook=once)
    VALIDATOR.validate(root)
    skew = abs(root["_aws"]["Timestamp"] / 1000 - time.time())
    assert skew < SKEW_MAX, f"{skew} s from now"
    found = {}
    for directive in root["_aws"]["CloudWatchMetrics"]:
        for metric in directive["Metrics"]:
            value = root[metric["Name"]]
            values = value if isinstance(value, list) else [value]
            assert 0 < len(values) <= VALUES_MAX and all(map(is_number, values)), f"{metric}: {value}"
            for names in directive["Dimensions"]:
                dimensions = tuple((name, root[name]) for name in names)
                assert all(isinstance(text, str) and 0 < len(text) <= 1024 for _, text in dimensions), dimensions
                key = (directive["Namespace"], metric["Name"], dimensions)
                assert key not in found, f"twice on a line: {key}"
                found[key] = value
    return found


def told(log: str) -> set[tuple]:
    """What is told by the lines of a node's output that have metrics in them."""
    return {key for line in log.splitlines() if '"_aws"' in line for key in judge(line)}


def watched(client, namespace: str) -> set[tuple]:
    """What alarms and the dashboard look at, without what CloudWatch counts the lines of a log by."""
    counted = {(one["metricNamespace"], one["metricName"])
               for found in client("logs").describe_metric_filters()["metricFilters"]
               for one in found["metricTransformations"]}
    cloudwatch = client("cloudwatch")
    alarms = {(alarm["Namespace"], alarm["MetricName"],
               tuple((one["Name"], one["Value"]) for one in alarm["Dimensions"]))
              for alarm in cloudwatch.describe_alarms()["MetricAlarms"] if alarm["Namespace"] == namespace}
    body = json.loads(cloudwatch.get_dashboard(DashboardName=namespace)["DashboardBody"])
    shown = {(space, name, tuple(zip(rest[::2], rest[1::2])))
             for widget in body["widgets"] for space, name, *rest in widget["properties"]["metrics"]}
    assert alarms and shown, "nothing watches the nodes"
    return {key for key in alarms | shown if key[:2] not in counted}


def compare(logs: dict[str, str], watched: set[tuple]) -> None:
    """Fails for what is watched and no node tells, and for what nodes tell and nothing watches.

    :param logs: what each node has written, by its number
    """
    for node, log in logs.items():
        found = told(log)
        missing = watched - found
        assert not missing, f"node {node} does not tell {missing}"
        idle = {name for _, name, _ in found} - {name for _, name, _ in watched}
        assert not idle, f"node {node} tells {idle}, which nothing watches"
        own = {dict(dimensions).get("node") for _, _, dimensions in found}
        assert own == {None, node}, f"node {node} tells of {own}"


def require_fields(client, log: str) -> None:
    """What lines of the log are counted by is in a line of every node's log."""
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    for found in client("logs").describe_metric_filters()["metricFilters"]:
        for field in re.findall(r"\$\.([a-z_]+)", found["filterPattern"]):
            assert any(field in line for line in lines), f"no line has {field}"
