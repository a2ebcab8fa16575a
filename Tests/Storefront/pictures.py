"""Photographs every page of the shop and the console at three widths into a folder, to be looked at."""

import sys
from pathlib import Path

from conftest import CHROMIUM, FLAGS, Visit, new_cluster
from places import console_places, guest_places, settle, shop_places
from playwright.sync_api import sync_playwright

WIDTHS = {"phone": 390, "tablet": 820, "desktop": 1366}


def photograph(visit: Visit, kind: str, places: dict[str, str], folder: Path) -> None:
    for name, path in places.items():
        for width_name, width in WIDTHS.items():
            visit.page.set_viewport_size({"width": width, "height": 900})
            visit.page.goto(path)
            settle(visit.page)
            visit.page.screenshot(path=folder / f"{kind}-{name}-{width_name}.png", full_page=True)
    print("\n".join(visit.faults))


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    cluster = new_cluster()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            visitor, guest, staff = (Visit(browser, cluster) for _ in range(3))
            photograph(visitor, "shop", shop_places(visitor), folder)
            photograph(guest, "guest", guest_places(guest), folder)
            staff.log_in_as_staff()
            photograph(staff, "console", console_places(staff), folder)
            browser.close()
    finally:
        cluster.end()


main(Path(sys.argv[1]))
