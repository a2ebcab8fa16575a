"""Photographs every page of the shop at three widths into a folder, to be looked at."""

import os
import sys
from pathlib import Path

from cluster import PROJECT, Cluster
from conftest import CHROMIUM, FLAGS, Visit
from places import shop_places
from playwright.sync_api import sync_playwright

WIDTHS = {"phone": 390, "tablet": 820, "desktop": 1366}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    binaries = Path(os.environ.get("CLOUDRETAIL_BINARIES", PROJECT / ".build/debug"))
    cluster = Cluster(binaries, Path(os.environ.get("CLOUDRETAIL_STOREFRONT", PROJECT / ".build/storefront")))
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            visit = Visit(browser, cluster)
            for name, path in shop_places(visit).items():
                for width_name, width in WIDTHS.items():
                    visit.page.set_viewport_size({"width": width, "height": 900})
                    visit.page.goto(path)
                    visit.page.wait_for_load_state("networkidle")
                    visit.page.screenshot(path=folder / f"{name}-{width_name}.png", full_page=True)
            browser.close()
            print("\n".join(visit.faults))
    finally:
        cluster.end()


main(Path(sys.argv[1]))
