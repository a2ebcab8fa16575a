#!/usr/bin/env bash
# opentelemetry-exporter-prometheus 0.66b2 (opentelemetry-sdk 1.45.2): one page of metrics holds the same series twice
# when an attribute was once given as a number and once as text.
#
# Expected: the Prometheus text format says that each line has a unique combination of name and labels, and that
# otherwise what becomes of the lines is undefined. Labels are text, so an exporter adds up what becomes one series;
# OpenTelemetry's rules for Prometheus even say what to do with attribute names that become one label (the values are
# joined by a semicolon).
#
# What happens: the SDK keeps 200 and "200" apart, the exporter writes both as code="200", and the page has two lines
# of the same series, without a warning. In the same way two attributes whose names become one label, "order.kind" and
# "order_kind", lose one of their values, and counts that differ in the lost value alone become equal lines.
#
# For a user: a status code that one piece of middleware counts as a number and another as text. Prometheus takes one
# of the two samples of a scrape and drops the other: half the requests are missing, or the rate jumps between the two
# counts. Give each attribute one type everywhere, and names that stay apart with "_" for every other character.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check \
    opentelemetry-exporter-prometheus==0.66b2 opentelemetry-sdk==1.45.2 prometheus_client==0.26.0
"$folder/venv/bin/python" - <<'PYTHON'
from collections import Counter

import prometheus_client
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client.parser import text_string_to_metric_families

meter = MeterProvider([PrometheusMetricReader(disable_target_info=True)]).get_meter("shop")
requests = meter.create_counter("requests")
requests.add(3, {"code": 200})
requests.add(4, {"code": "200"})
orders = meter.create_counter("orders")
orders.add(1, {"order.kind": "guest", "order_kind": "paid"})
orders.add(2, {"order.kind": "member", "order_kind": "paid"})

page = prometheus_client.generate_latest().decode()
lines = [line for line in page.splitlines() if line.startswith(("requests_total{", "orders_total{"))]
print("\n".join(lines))
samples = [
    (sample.name, tuple(sorted(sample.labels.items())), sample.value)
    for family in text_string_to_metric_families("\n".join(lines) + "\n") for sample in family.samples]
times = Counter((name, labels) for name, labels, _ in samples)
assert sorted(value for _, _, value in samples) == [1, 2, 3, 4], "the values are added up now"
assert set(times.values()) == {2} and len(times) == 2, "each series stands once now"
assert "guest" not in page and "member" not in page, "both values are kept now"
PYTHON
