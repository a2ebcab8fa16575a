"""What holds for every page of the console, as for those of the shop."""

import json
import re

from conftest import Visit
from places import console_places, settle
from playwright.sync_api import expect
from test_pages import comes_back, faults_of


def test_axe_finds_nothing_on_any_page_of_the_console(staff: Visit):
    staff.expected.update({404, 422})
    found = {name: faults_of(staff.page, path) for name, path in console_places(staff).items()}
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_back_and_reload_lead_to_the_same_page_of_the_console(staff: Visit):
    staff.expected.update({404, 422})
    places = console_places(staff)
    assert {name: path for name, path in places.items() if not comes_back(staff.page, path, "/console/orders?status=PAID")} == {}


# The texts of all charts of a page that are not drawn in whole.
CLIPPED = """[...document.querySelectorAll('svg.chart')].flatMap(chart => {
  const frame = chart.getBoundingClientRect();
  return [...chart.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
  }).map(text => `${innerWidth}: ${text.textContent}`);
})"""


def hours_of_a_day(count: int) -> str:
    """The statistics of so many hours, in which more is sold than fits in few digits."""
    counts = {name: 7 for name in (
        "placed", "paid", "refused", "declined", "payment_failed", "payment_unknown", "cancelled")}
    revenue = [{"amount": 123_456_789, "currency": "EUR"}]
    hours = [{"from": f"2026-11-{29 + hour // 24}T{hour % 24:02}:00:00.000000Z", **counts, "revenue": revenue}
             for hour in range(count)]
    return json.dumps({"data": hours, "counted_since": None})


# The figures of a page that are not seen in whole, each in one line, in no smaller letters than other text.
NOT_WHOLE = """[...document.querySelectorAll('.figure dd:not(.small)')].filter(figure => {
  const text = document.createRange();
  text.selectNodeContents(figure);
  const lines = new Set([...text.getClientRects()].map(box => Math.round(box.top)));
  return lines.size !== 1 || figure.scrollWidth > figure.clientWidth || parseFloat(getComputedStyle(figure).fontSize) < 16;
}).map(figure => `${innerWidth}: ${figure.textContent}`)"""
# The widths of telephones, tablets and desks, and those at which columns change.
WIDTHS = (320, 360, 560, 720, 768, 960, 1120, 1280, 1366, 1440)


def test_a_day_of_eight_digits_is_seen_in_whole_at_any_width(staff: Visit):
    page = staff.page
    page.route("**/api/v1/statistics/orders**", lambda route: route.fulfill(
        content_type="application/json", body=hours_of_a_day(22)))
    faults = []
    page.goto("/console")
    expect(page.locator(".figure").filter(has_text="€27,160,493.58")).to_be_visible()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        faults += page.evaluate(NOT_WHOLE)
    assert faults == []


def test_a_stock_of_ten_digits_is_seen_in_whole_at_any_width(staff: Visit):
    page = staff.page
    stock = {"sku": "BOLTS", "on_hand": 9_876_543_210, "reserved": 1_234_567_890, "available": 8_641_975_320, "version": 3}
    page.route("**/api/v1/inventory/BOLTS", lambda route: route.fulfill(json=stock))
    page.route("**/api/v1/inventory/BOLTS/movements**", lambda route: route.fulfill(json={"data": [], "next_cursor": None}))
    page.goto("/console/stock/BOLTS")
    expect(page.locator(".figure").filter(has_text="9,876,543,210")).to_be_visible()
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        faults += page.evaluate(NOT_WHOLE)
    assert faults == []


def test_the_newest_orders_are_seen_in_whole_beside_what_sells_best(staff: Visit):
    page = staff.page
    staff.cluster.order(staff.cluster.customer()[1], {"TEA-EARL": 1})

    def enlarge(route) -> None:
        orders = route.fetch().json()
        for order in orders["data"]:
            order["total"]["amount"] = 3_703_703_670
            order["payment"]["status"] = "PARTIALLY_REFUNDED"
        route.fulfill(json=orders)

    page.route("**/api/v1/orders?limit=8", enlarge)
    page.set_viewport_size({"width": 1366, "height": 900})
    page.goto("/console")
    table = page.get_by_role("region", name="The newest orders")
    expect(table.get_by_text("€37,037,036.70").first).to_be_visible()
    assert table.evaluate("table => table.scrollWidth - table.clientWidth") == 0


def test_the_console_says_what_it_is_while_it_waits(staff: Visit):
    page = staff.page
    held = []
    page.route("**/api/v1/auth/me", lambda route: held.append(route))
    page.reload()
    expect(page.get_by_role("heading", name="CloudRetail Console")).to_be_visible()
    held[0].continue_()
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()


def test_a_shop_without_anything_says_so_in_plain_words(staff: Visit):
    page = staff.page
    nothing = {"data": [], "next_cursor": None, "total": 0, "total_is_exact": True, "facets": None}
    page.route(re.compile(r"/api/v1/(orders|products|inventory)\?"), lambda route: route.fulfill(json=nothing))
    for path, words in {
        "/console/customers": "No order has been placed yet.", "/console/stock": "Nothing has been received yet.",
        "/console/low-stock": "Nothing is that low.",
    }.items():
        page.goto(path)
        expect(page.get_by_text(words)).to_be_visible()
    page.route("**/api/v1/products?**", lambda route: route.fulfill(
        json={**nothing, "facets": {"categories": [], "brands": [], "prices": []}}))
    page.goto("/search")
    expect(page.get_by_text("There are no products yet.")).to_be_visible()
    expect(page.get_by_role("link", name="See all products")).to_have_count(0)
    page.goto("/")
    settle(page)
    expect(page.get_by_role("heading", name="Categories")).to_be_visible()
    expect(page.get_by_role("heading", name="Bought most")).to_have_count(0)


def test_the_console_turns_a_customer_away_within_a_telephone(visit: Visit):
    visit.log_in()
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto("/console")
    expect(page.get_by_role("heading", name="No entry")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_every_label_of_a_chart_is_seen_in_whole_at_any_width_and_hour(staff: Visit):
    page = staff.page
    clipped = []
    for count in (1, 7, 13, 22, 24):
        body = hours_of_a_day(count)
        page.route("**/api/v1/statistics/orders**", lambda route: route.fulfill(content_type="application/json", body=body))
        for width in (390, 820, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto("/console")
            settle(page)
            clipped += [f"{count} hours, {fault}" for fault in page.evaluate(CLIPPED)]
        page.unroute_all()
    for width in (390, 820, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/console/cluster")
        settle(page)
        clipped += [f"cluster, {fault}" for fault in page.evaluate(CLIPPED)]
    assert clipped == []
