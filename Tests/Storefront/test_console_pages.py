"""What holds for every page of the console, as for those of the shop."""

import json

from conftest import Visit
from places import console_places, settle
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
