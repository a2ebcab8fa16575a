"""How soon the pages of the shop are drawn on a slow machine, and how much moves meanwhile. Ends with 1 beyond a limit.

Other work on the machine is measured along: the load average stands beside each figure.
"""

import os
import statistics
import sys

from conftest import CHROMIUM, FLAGS, Visit, new_cluster
from places import settle, shop_places
from playwright.sync_api import sync_playwright

SLOWED_TIMES = 4
ROUNDS = 5
# Milliseconds until the largest thing is drawn, and the sum of layout shifts.
DRAWN_MAX = 1000
SHIFT_MAX = 0.02
PAGES = ("home", "products", "product", "cart", "checkout", "order")

WATCH = """
window.drawn = 0; window.shift = 0;
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.drawn = entry.startTime; })
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shift += entry.value; })
  .observe({type: 'layout-shift', buffered: true});
"""


def measure(browser, cluster, state: dict, path: str) -> tuple[float, float]:
    """Opens a page in a browser that has nothing of it, and says when it was drawn and how much has moved."""
    visit = Visit(browser, cluster, storage_state=state)
    visit.context.add_init_script(WATCH)
    visit.context.new_cdp_session(visit.page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED_TIMES})
    visit.page.goto(path)
    settle(visit.page)
    visit.page.wait_for_load_state("networkidle")
    measured = visit.page.evaluate("[window.drawn, window.shift]")
    visit.context.close()
    return tuple(measured)


def main() -> int:
    cluster = new_cluster()
    failed = 0
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            customer = Visit(browser, cluster)
            places = shop_places(customer)
            state = customer.context.storage_state()
            for name in PAGES:
                rounds = [measure(browser, cluster, state, places[name]) for _ in range(ROUNDS)]
                drawn = statistics.median(drawn for drawn, _ in rounds)
                shift = max(shift for _, shift in rounds)
                is_good = drawn < DRAWN_MAX and shift < SHIFT_MAX
                failed += not is_good
                print(f"{name:9} drawn after {drawn:4.0f} ms (worst {max(drawn for drawn, _ in rounds):4.0f}), "
                      f"shift {shift:.4f}, load {os.getloadavg()[0]:.1f} {'' if is_good else 'beyond the limit'}")
            browser.close()
    finally:
        cluster.end()
    return 1 if failed else 0


sys.exit(main())
