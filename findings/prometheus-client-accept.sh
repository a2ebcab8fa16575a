#!/usr/bin/env bash
# prometheus_client 0.26.0: a scraper does not get the format that it prefers, for the weights (q) of its Accept header
# are ignored.
#
# Expected: Prometheus' documentation ("Scrape protocol content negotiation") says that a target picks the best format
# by the Accept header, in which Prometheus writes its scrape_protocols as weights, the first one highest. RFC 9110,
# section 12.4.2, gives q=0 the meaning "not acceptable".
#
# What happens: the header is read from left to right, and the first OpenMetrics or text 1.0.0 that is named wins,
# whatever its weight, q=0 included; text 0.0.4 is what is left when neither is named. A scraper that wants text 0.0.4
# first and OpenMetrics second gets OpenMetrics.
#
# For a user: `scrape_protocols: [PrometheusText0.0.4, OpenMetricsText1.0.0]` does nothing for a target in Python, and
# neither does q=0. The two formats name a counter's family differently (orders_total in text, orders in OpenMetrics),
# and only one has exemplars, so a reader that was promised text meets what it does not know. Name text alone in
# scrape_protocols, or in Accept, to get text.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check prometheus_client==0.26.0
"$folder/venv/bin/python" - <<'PYTHON'
import urllib.request

from prometheus_client import CollectorRegistry, Counter, start_http_server

registry = CollectorRegistry()
Counter("orders", "Orders placed", registry=registry).inc()
server, _ = start_http_server(0, addr="127.0.0.1", registry=registry)


def scrape(accept):
    request = urllib.request.Request(f"http://127.0.0.1:{server.server_port}/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request) as answer:
        kind = answer.headers["Content-Type"].split("; charset")[0]
        family = next(line for line in answer.read().decode().splitlines() if line.startswith("# TYPE"))
    print(f"{accept}\n    -> {kind}   {family}")
    return kind


text = "text/plain;version=0.0.4;q={}"
metrics = "application/openmetrics-text;version=1.0.0;q={}"
newer = "text/plain;version=1.0.0;q={}"
assert scrape(text.format(0.6)) == "text/plain; version=0.0.4"
opened = "application/openmetrics-text; version=1.0.0"
assert scrape(",".join([metrics.format(0.6), text.format(0.5)])) == opened
assert scrape(",".join([text.format(0.6), metrics.format(0.5)])) == opened, "the weights count now"
assert scrape(",".join([text.format(1), metrics.format(0)])) == opened, "q=0 counts now"
assert scrape(",".join([newer.format(0.1), metrics.format(0.9)])) != opened, "the weights count now"
server.shutdown()
PYTHON
