"""What staff do with an order, from the list to the last refund."""

import re

import pytest
from conftest import Visit
from playwright.sync_api import Page, expect

TEA = "TEA-SENCHA"


@pytest.fixture
def order(staff: Visit) -> dict:
    """An order of three packets of tea, €29.40, open in the console."""
    _, token = staff.cluster.customer()
    placed = staff.cluster.order(token, {TEA: 3})
    staff.page.goto(f"/console/orders/{placed['id']}")
    expect(state(staff.page, "To be shipped")).to_be_visible()
    return placed


def state(page: Page, text: str):
    return page.locator(".badge").get_by_text(text, exact=True)


def test_an_order_is_found_shipped_corrected_delivered_and_the_customer_sees_it(staff: Visit, order: dict):
    page = staff.page
    page.get_by_role("link", name="Orders", exact=True).first.click()
    page.get_by_label("Status").select_option("FULFILLED")
    expect(page).to_have_url(re.compile("status=FULFILLED"))
    page.get_by_role("link", name=f"Order {order['id']}").click()
    expect(page.get_by_role("definition").filter(has_text="Hafenstraße 12")).to_contain_text("Germany")
    staff.take_step("Ship", "Ship", Tracking_code="DHL 17")
    expect(state(page, "Shipped")).to_be_visible()
    expect(page.get_by_text("DHL 17", exact=True)).to_be_visible()
    staff.take_step("Correct tracking", "Correct", Tracking_code="DHL 18")
    expect(page.get_by_text("DHL 18", exact=True)).to_be_visible()
    expect(page.locator("s").get_by_text("DHL 17")).to_be_visible()
    staff.take_step("Delivered", "Mark as delivered")
    expect(state(page, "Delivered")).to_be_visible()
    page.reload()
    expect(page.locator("s").get_by_text("DHL 17")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Orders")).to_be_visible()
    expect(page.get_by_label("Status")).to_have_value("FULFILLED")


def test_an_order_is_cancelled_and_the_money_goes_back(staff: Visit, order: dict):
    page = staff.page
    available = staff.cluster.staff("GET", f"/api/v1/inventory/{TEA}")["available"]
    staff.take_step("Cancel the order", "Cancel the order", Reason="the customer called")
    expect(state(page, "Cancelled")).to_be_visible()
    expect(state(page, "Refunded")).to_be_visible()
    expect(page.get_by_text("Nothing is left to be done with this order.")).to_be_visible()
    assert staff.cluster.staff("GET", f"/api/v1/inventory/{TEA}")["available"] == available + 3


def test_an_order_is_refunded_by_units_by_a_sum_and_as_a_whole(staff: Visit, order: dict):
    page = staff.page
    staff.take_step("Ship", "Ship")
    expect(state(page, "Shipped")).to_be_visible()

    page.get_by_role("button", name="Refund", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("€29.40 can be given back.")).to_be_visible()
    dialog.get_by_label("Some of the units").check()
    dialog.get_by_role("button", name="Give back").click()
    expect(dialog.get_by_role("alert").get_by_text("Say how many units.")).to_be_visible()
    dialog.get_by_label(f"Units of {TEA}").fill("1")
    dialog.get_by_label("Goods that were shipped come back to the stock").check()
    dialog.get_by_role("button", name="Give back").click()
    expect(dialog).to_have_count(0)
    expect(state(page, "Refunded in part")).to_be_visible()
    refunds = page.get_by_role("table", name="Refunds")
    expect(refunds.get_by_role("row").filter(has_text=f"1 × {TEA}").get_by_text("€9.80")).to_be_visible()
    expect(refunds.get_by_text("Confirmed")).to_be_visible()

    page.get_by_role("button", name="Refund", exact=True).click()
    expect(dialog.get_by_text("€19.60 can be given back.")).to_be_visible()
    dialog.get_by_label("A sum of money").check()
    dialog.get_by_label("Amount in EUR").fill("1,000.5")
    dialog.get_by_role("button", name="Give back").click()
    expect(dialog.get_by_role("alert").get_by_text("This is no amount of money.")).to_be_visible()
    staff.expected.add(422)
    dialog.get_by_label("Amount in EUR").fill("100")
    dialog.get_by_role("button", name="Give back").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Amount in EUR").fill("2.50")
    dialog.get_by_role("button", name="Give back").click()
    expect(dialog).to_have_count(0)
    expect(refunds.get_by_role("row").filter(has_text="a sum of money").get_by_text("€2.50")).to_be_visible()

    page.get_by_role("button", name="Refund", exact=True).click()
    expect(dialog.get_by_text("€17.10 can be given back.")).to_be_visible()
    dialog.get_by_role("button", name="Give back").click()
    expect(dialog).to_have_count(0)
    expect(state(page, "Refunded")).not_to_have_count(0)
    expect(page.get_by_text("Nothing is left to be done with this order.")).to_be_visible()


def test_a_step_that_another_member_of_staff_has_taken_is_refused_and_told(staff: Visit, order: dict):
    page = staff.page
    page.get_by_role("button", name="Ship", exact=True).click()
    dialog = page.get_by_role("dialog")
    staff.expected.update({409, 412})
    staff.cluster.staff("POST", f"/api/v1/orders/{order['id']}/ship", {"tracking": "first"})
    dialog.get_by_label("Tracking code").fill("second")
    dialog.get_by_role("button", name="Ship", exact=True).click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("button", name="Back").click()
    expect(page.get_by_text("first", exact=True)).to_be_visible()
    expect(state(page, "Shipped")).to_be_visible()


def test_an_order_is_opened_by_its_number_and_an_unknown_one_is_told(staff: Visit, order: dict):
    page = staff.page
    staff.expected.update({404, 422})
    page.goto("/console/orders")
    page.get_by_label("Order or customer").fill(order["id"])
    page.get_by_role("button", name="Show", exact=True).click()
    expect(state(page, "To be shipped")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Customer ")).click()
    expect(page.get_by_role("heading", level=1, name="Ada")).to_be_visible()
    page.get_by_role("link", name=f"Order {order['id']}").click()
    expect(state(page, "To be shipped")).to_be_visible()
    page.goto("/console/orders/ord_00000000000000000000000000")
    expect(page.get_by_role("alert")).to_be_visible()
