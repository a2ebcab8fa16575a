"""How soon the pages of the shop are drawn on a slow machine, and how much moves meanwhile. Ends with 1 beyond a limit.

Other work on the machine is measured along: the load average stands beside each figure.
"""

import os
import statistics
import sys

from conftest import CHROMIUM, FLAGS, Visit, new_cluster
from places import console_places, settle, shop_places
from playwright.sync_api import expect, sync_playwright

SLOWED_TIMES = 4
ROUNDS = 5
# Milliseconds until the largest thing is drawn, and the sum of layout shifts.
DRAWN_MAX = 1000
SHIFT_MAX = 0.02
# So many milliseconds nothing of this program runs in a page: looking at it takes time from what draws it.
UNWATCHED = 1500
SHOP = ("home", "products", "words", "product", "cart", "checkout", "order", "orders", "account", "log-in")
CONSOLE = ("today", "orders", "order", "products", "product", "stock", "sku", "customers", "cluster")

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
    visit.page.wait_for_timeout(UNWATCHED)
    settle(visit.page)
    measured = visit.page.evaluate("[window.drawn, window.shift]")
    visit.context.close()
    return tuple(measured)


def judge(browser, cluster, state: dict, kind: str, name: str, path: str) -> bool:
    """Measures a page several times, and prints the median. Whether it keeps the limits."""
    rounds = [measure(browser, cluster, state, path) for _ in range(ROUNDS)]
    drawn = statistics.median(drawn for drawn, _ in rounds)
    shift = max(shift for _, shift in rounds)
    is_good = drawn < DRAWN_MAX and shift < SHIFT_MAX
    print(f"{kind:7} {name:9} drawn after {drawn:4.0f} ms (worst {max(drawn for drawn, _ in rounds):4.0f}), "
          f"shift {shift:.4f}, load {os.getloadavg()[0]:.1f} {'' if is_good else 'beyond the limit'}", flush=True)
    return is_good


def main() -> int:
    cluster = new_cluster()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            good = []
            customer, staff = Visit(browser, cluster), Visit(browser, cluster)
            places = shop_places(customer)
            state = customer.context.storage_state()
            good += [judge(browser, cluster, state, "shop", name, places[name]) for name in SHOP]
            staff.log_in_as_staff()
            expect(staff.page.get_by_role("heading", level=1, name="Today")).to_be_visible()
            places = console_places(staff)
            state = staff.context.storage_state()
            good += [judge(browser, cluster, state, "console", name, places[name]) for name in CONSOLE]
            browser.close()
    finally:
        cluster.end()
    return 0 if all(good) else 1


sys.exit(main())
