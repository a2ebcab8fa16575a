"""The way from the first page to the order, and every way that it can end."""

import re

import pytest
from conftest import Visit
from playwright.sync_api import expect
from test_pages import violations

MUG = "DEMO-MUG-SAND"


def pay(page, card: str = "accepted") -> None:
    page.get_by_text(f"Card that is {card}" if card in ("accepted", "declined") else card).click()
    page.get_by_role("button", name=re.compile("^Pay ")).click()


def test_a_guest_finds_something_and_buys_it_as_a_new_customer(visit: Visit):
    page = visit.page
    page.goto("/")
    expect(page.get_by_role("heading", name="Bought most")).to_be_visible()
    page.get_by_role("combobox", name="Search products").fill("yirga")
    page.get_by_role("option").first.click()
    page.get_by_role("link", name=re.compile("Ethiopia Yirgacheff")).click()
    page.get_by_text("1 kg").click()
    expect(page.get_by_text("€52.20")).to_be_visible()
    expect(page.get_by_text("In stock", exact=True)).to_be_visible()
    page.get_by_role("button", name="One more").click()
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("link", name="See the cart").click()
    expect(page.get_by_role("link", name="Cart, 2 items")).to_be_visible()
    page.reload()
    expect(page.get_by_role("complementary", name="Sum").get_by_text("€104.40")).to_be_visible()
    page.get_by_role("link", name="Check out").click()
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("E-mail").fill(f"ada-{id(visit)}@example.com")
    page.get_by_label("Password").fill("tell me where the harbour is")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("2 items of your visit are in your cart now")).to_be_visible()
    visit.fill_address()
    pay(page)
    expect(page.get_by_role("heading", name="Thank you, the order is placed")).to_be_visible()
    expect(page.get_by_text("Hafenstraße 12")).to_be_visible()
    expect(page.get_by_role("link", name="Cart, 0 items")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Thank you, the order is placed")).to_be_visible()
    page.go_back()
    page.go_forward()
    expect(page.get_by_role("heading", name="Thank you, the order is placed")).to_be_visible()

    page.get_by_role("link", name="All orders").click()
    page.get_by_role("main").get_by_role("link", name=re.compile("2 items")).click()
    page.get_by_role("button", name="Cancel the order").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_role("heading", name="The order was cancelled")).to_be_visible()
    expect(page.get_by_text("All that you paid has gone back to your card.")).to_be_visible()


@pytest.mark.share
def test_a_declined_card_leaves_the_cart_and_another_card_is_taken(visit: Visit):
    token = visit.log_in()
    visit.expected.add(402)
    visit.add(MUG)
    page = visit.page
    page.goto("/checkout")
    visit.fill_address()
    pay(page, "declined")
    expect(page.get_by_role("alert").get_by_text("The card was declined.")).to_be_visible()
    pay(page)
    expect(page.get_by_role("heading", name="Thank you, the order is placed")).to_be_visible()
    states = sorted(order["status"] for order in visit.cluster.orders(token))
    assert states[0] in ("FULFILLED", "PAID") and states[1] == "REJECTED"
    page.goto("/orders")
    page.get_by_text("Declined", exact=True).click()
    expect(page.get_by_role("heading", name="The card was declined")).to_be_visible()


def test_a_bank_that_does_not_answer_is_told_as_such_until_it_has(visit: Visit):
    visit.log_in()
    visit.add(MUG)
    page = visit.page
    page.goto("/checkout")
    visit.fill_address()
    pay(page, "Card whose bank does not answer")
    expect(page.get_by_role("heading", name=re.compile("We do not know yet|Thank you"))).to_be_visible(timeout=40_000)
    expect(page.get_by_role("heading", name="Thank you, the order is placed")).to_be_visible(timeout=60_000)


def test_a_bank_that_is_out_of_order_costs_nothing(visit: Visit):
    visit.log_in()
    visit.expected.add(503)
    visit.add(MUG)
    page = visit.page
    page.goto("/checkout")
    visit.fill_address()
    pay(page, "Card whose bank is out of order")
    told = page.get_by_role("alert").get_by_text("The payment service does not answer.")
    expect(told.or_(page.get_by_role("heading", name="We do not know yet"))).to_be_visible(timeout=40_000)


def test_a_cart_of_which_too_little_is_left_says_why_it_is_not_checked_out(visit: Visit):
    visit.log_in()
    sku = "KT-BOARD-40"
    visit.add(sku)
    visit.cluster.set_stock(sku, 0)
    page = visit.page
    page.goto("/cart")
    held_back = page.get_by_role("button", name="Check out")
    expect(held_back).to_be_disabled()
    expect(held_back).to_have_accessible_description(re.compile("There is not enough left"))
    held_back.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/cart$"))
    assert violations(page) == []
    visit.cluster.set_stock(sku, 9)
    page.get_by_role("link", name="Check out").click()
    expect(page.get_by_role("heading", name="Check out")).to_be_visible()


@pytest.mark.share
def test_two_tabs_want_the_last_one_and_one_gets_it(visit: Visit, browser):
    sku = "OD-AXE"
    visit.cluster.set_stock(sku, 1)
    other = Visit(browser, visit.cluster)
    for one in (visit, other):
        one.expected.add(409)
        one.log_in()
        one.add(sku)
        one.page.goto("/checkout")
        one.fill_address()
    for one in (visit, other):
        one.page.get_by_role("button", name=re.compile("^Pay ")).dispatch_event("click")
    outcomes = []
    for one in (visit, other):
        thanks = one.page.get_by_role("heading", name="Thank you, the order is placed")
        short = one.page.get_by_text("none is left")
        expect(thanks.or_(short)).to_be_visible()
        outcomes.append(thanks.is_visible())
        if short.is_visible():
            one.page.get_by_role("button", name="Take it out").click()
            expect(one.page.get_by_text("The cart is empty.")).to_be_visible()
    assert sorted(outcomes) == [False, True]
    assert visit.cluster.staff("GET", f"/api/v1/inventory/{sku}")["available"] == 0
    assert other.faults == []
    other.context.close()


def test_an_unlisted_address_and_an_unknown_product_say_so(visit: Visit):
    visit.expected.update({404, 422})
    page = visit.page
    page.goto("/products/prd_00000000000000000000000000")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    page.goto("/search?q=unobtainium")
    expect(page.get_by_text("Nothing matches")).to_be_visible()


@pytest.mark.share
def test_a_node_dies_in_the_midst_of_the_checkout_and_there_is_one_order(visit: Visit):
    token = visit.log_in()
    visit.add(MUG)
    page = visit.page
    page.goto("/checkout")
    visit.fill_address()
    # What the dead node does not answer any more is no fault of the page.
    visit.expected.add("ERR_")
    visit.cluster.run("kill", 1)
    try:
        pay(page)
        expect(page.get_by_role("heading", name="Thank you, the order is placed")).to_be_visible(timeout=40_000)
        orders = visit.cluster.call("GET", "/api/v1/orders", token=token, node=1)["data"]
        assert len(orders) == 1
    finally:
        visit.cluster.run("restart", 1)
