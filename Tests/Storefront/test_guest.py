"""Visitors without an account: their cart, their orders, and what becomes of both when they log in."""

import re

import pytest
from conftest import Visit
from places import until
from playwright.sync_api import Page, expect
from test_pages import settle, violations
from test_purchase import pay

PLACED = "Thank you, the order is placed"
MUG = "DEMO-MUG-SAND"
TEA = "TEA-EARL"
# What a line of a cart may hold.
LINE_MAX = 1_000_000


def heading(page: Page, text: str | re.Pattern):
    return page.get_by_role("heading", level=1, name=text)


def cart_of(visit: Visit, token: str) -> dict[str, int]:
    return {line["sku"]: line["quantity"] for line in visit.cluster.call("GET", "/api/v1/cart", token=token)["items"]}


@pytest.mark.share
def test_a_guest_buys_with_an_address_and_follows_the_order_in_this_browser(visit: Visit):
    page = visit.check_out_as_guest(MUG)
    assert violations(page) == []
    pay(page)
    expect(heading(page, PLACED)).to_be_visible()
    expect(page.get_by_text("Ordered as a guest, under guest@example.com.")).to_be_visible()
    expect(page.get_by_role("link", name="Cart, 0 items")).to_be_visible()
    assert violations(page) == []
    page.reload()
    expect(heading(page, PLACED)).to_be_visible()
    page.get_by_role("link", name="All orders").click()
    page.get_by_role("main").get_by_role("link", name=re.compile("1 item")).click()
    page.get_by_role("button", name="Cancel the order").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the order").click()
    expect(heading(page, "The order was cancelled")).to_be_visible()


def test_a_guest_is_told_of_a_declined_card_and_of_a_bank_that_does_not_answer(visit: Visit):
    visit.expected.add(402)
    page = visit.check_out_as_guest(MUG)
    pay(page, "declined")
    expect(page.get_by_role("alert").get_by_text("The card was declined.")).to_be_visible()
    pay(page, "Card whose bank does not answer")
    expect(heading(page, re.compile("We do not know yet"))).to_be_visible(timeout=40_000)
    page.reload()
    expect(heading(page, re.compile(f"We do not know yet|{PLACED}"))).to_be_visible()
    expect(heading(page, PLACED)).to_be_visible(timeout=60_000)
    page.goto("/orders")
    expect(page.get_by_text("Declined", exact=True)).to_be_visible()


def test_a_guests_cart_outlasts_a_reload_and_is_the_same_in_every_tab(visit: Visit):
    visit.add(MUG)
    other = visit.tab()
    other.goto("/cart")
    expect(other.get_by_role("link", name="Cart, 1 item")).to_be_visible()
    visit.add(TEA)
    expect(other.get_by_role("link", name="Cart, 2 items")).to_be_visible()
    other.get_by_role("button", name="One more").first.click()
    expect(visit.page.get_by_role("link", name="Cart, 3 items")).to_be_visible()
    visit.page.reload()
    expect(visit.page.get_by_role("link", name="Cart, 3 items")).to_be_visible()


@pytest.mark.share
def test_at_log_in_the_carts_add_up_to_the_limit_and_the_customer_is_told(visit: Visit):
    email, token = visit.cluster.customer()
    for sku, quantity in ((MUG, 3), (TEA, LINE_MAX)):
        visit.cluster.call("POST", "/api/v1/cart/items", {"sku": sku, "quantity": quantity}, token)
    for sku in (MUG, TEA, "BK-KNOTS"):
        visit.add(sku)
    visit.log_in_as(email)
    page = visit.page
    expect(page.get_by_text("2 items of your visit are in your cart now.")).to_be_visible()
    assert cart_of(visit, token) == {MUG: 4, TEA: LINE_MAX, "BK-KNOTS": 1}
    page.get_by_role("link", name=re.compile("^Cart, ")).click()
    told = page.get_by_role("alert").filter(has_text="Not everything of your visit fitted in.")
    expect(told.get_by_role("listitem")).to_have_text([re.compile("together 1,000,001, 1,000,000 is the most")])
    assert violations(page) == []
    page.reload()
    settle(page)
    assert cart_of(visit, token) == {MUG: 4, TEA: LINE_MAX, "BK-KNOTS": 1}


def test_a_guests_order_is_seen_after_the_log_in_and_not_after_the_log_out(visit: Visit):
    page = visit.check_out_as_guest(MUG)
    pay(page)
    expect(heading(page, PLACED)).to_be_visible()
    order = page.url
    visit.log_in()
    page.goto("/orders")
    expect(page.get_by_text("There is none yet.")).to_be_visible()
    page.get_by_role("region", name="Ordered as a guest in this browser").get_by_role("link").click()
    expect(heading(page, PLACED)).to_be_visible()
    assert page.url == order
    page.goto("/account")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("navigation", name="You").get_by_role("link", name="Log in")).to_be_visible()
    page.goto(order)
    expect(heading(page, "Log in first")).to_be_visible()


def test_a_guests_order_without_an_answer_is_asked_for_after_the_log_in_and_there_is_one(visit: Visit):
    visit.expected.add("ERR_")
    page = visit.check_out_as_guest(MUG)
    keys = []

    def lose(route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()
        return route.abort()

    page.route("**/api/v1/orders", lose)
    pay(page)
    until(lambda: len(keys) >= 4, lambda: page.wait_for_timeout(50))
    page.goto("/")
    page.unroute_all()
    token = visit.log_in()
    page.goto("/checkout")
    expect(page.get_by_text("An order of 1 item was sent, and no answer came.")).to_be_visible()
    page.get_by_role("button", name="Ask again").click()
    expect(heading(page, PLACED)).to_be_visible()
    assert len(set(keys)) == 1
    assert visit.cluster.orders(token) == []
