"""Stock: what moves it, what holds it, and what is running out."""

import re

from conftest import Visit
from playwright.sync_api import Page, expect

SKU = "HM-RUG-80"


def figure(page: Page, title: str):
    return page.locator(".figure").filter(has_text=title).locator("dd").first


def test_units_are_received_corrected_counted_and_the_ledger_tells(staff: Visit):
    page = staff.page
    before = staff.cluster.staff("GET", f"/api/v1/inventory/{SKU}")["on_hand"]
    page.goto("/console/stock")
    page.get_by_label("SKU").fill(SKU)
    page.get_by_role("button", name="Open", exact=True).click()
    expect(figure(page, "On hand")).to_have_text(str(before))
    staff.take_step("Receive", "Receive", Units="5", Delivery="LS 4711")
    expect(figure(page, "On hand")).to_have_text(str(before + 5))
    ledger = page.get_by_role("table", name="Movements of the stock").get_by_role("row")
    expect(ledger.nth(1)).to_contain_text("Received")
    expect(ledger.nth(1)).to_contain_text("LS 4711")
    expect(ledger.nth(1)).to_contain_text("+5")

    page.get_by_role("button", name="Correct", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Units more, or fewer with a minus").fill("-2")
    dialog.get_by_label("Reason").select_option("other")
    dialog.get_by_label("Note").fill("fell into the water")
    dialog.get_by_role("button", name="Correct", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(figure(page, "On hand")).to_have_text(str(before + 3))
    expect(ledger.nth(1)).to_contain_text("fell into the water")
    expect(ledger.nth(1)).to_contain_text("−2")
    staff.take_step("Count anew", "Set the count", Units_counted=str(before))
    expect(figure(page, "On hand")).to_have_text(str(before))
    expect(ledger.nth(1)).to_contain_text("−3")


def test_a_count_is_refused_when_units_have_moved_meanwhile(staff: Visit):
    page = staff.page
    staff.expected.update({409, 412})
    page.goto(f"/console/stock/{SKU}")
    page.get_by_role("button", name="Count anew").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Units counted").fill("3")
    page.route("**/api/v1/events**", lambda route: route.abort())
    staff.cluster.staff("POST", f"/api/v1/inventory/{SKU}/receive", {"quantity": 1})
    dialog.get_by_role("button", name="Set the count").click()
    expect(dialog.get_by_role("alert")).to_be_visible()


def test_units_are_held_given_up_and_taken_out(staff: Visit):
    page = staff.page
    page.goto(f"/console/stock/{SKU}")
    expect(figure(page, "Free")).to_have_text(re.compile(r"\d"))
    free = int(figure(page, "Free").inner_text())
    staff.take_step("Hold", "Hold", Units="2", Hours="2")
    expect(figure(page, "Held")).to_have_text("2")
    expect(figure(page, "Free")).to_have_text(str(free - 2))
    page.get_by_role("button", name="Give up").click()
    expect(figure(page, "Free")).to_have_text(str(free))
    expect(page.get_by_role("table", name="What is held")).to_have_count(0)
    staff.take_step("Hold", "Hold", Units="1", Hours="2")
    page.get_by_role("button", name="Take out").click()
    expect(figure(page, "On hand")).to_have_text(str(free - 1))
    expect(page.get_by_role("table", name="Movements of the stock").get_by_role("row").nth(1)).to_contain_text("Left the stock")


def test_what_runs_out_is_listed_as_it_does(staff: Visit):
    page = staff.page
    sku = "ST-INK-BLK"
    staff.cluster.set_stock(sku, 50)
    page.goto("/console/low-stock")
    table = page.get_by_role("table", name="Low stock")
    expect(table.or_(page.get_by_text("There is no such SKU."))).to_be_visible()
    expect(table.get_by_role("link", name=sku)).to_have_count(0)
    staff.cluster.set_stock(sku, 2)
    row = table.get_by_role("row").filter(has_text=sku)
    expect(row).to_contain_text("Low")
    staff.cluster.set_stock(sku, 0)
    expect(row).to_contain_text("Sold out")
    page.get_by_label("Units left, at most").fill("100")
    expect(table.get_by_role("link", name="TEA-SENCHA")).to_be_visible()
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1, name=sku)).to_be_visible()
    staff.cluster.set_stock(sku, 50)
