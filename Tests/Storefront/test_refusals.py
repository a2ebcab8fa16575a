"""Every way in which an order is not placed, what the customer is told, and under which key another try goes."""

import re

import pytest
from conftest import Visit
from places import until
from playwright.sync_api import Page, expect
from test_purchase import pay

PLACED = "Thank you, the order is placed"
KNIFE = "KT-KNIFE-20"


@pytest.fixture
def buyer(visit: Visit) -> Visit:
    """A customer at the checkout with one thing in the cart, whose orders' keys are noted."""
    visit.token = visit.log_in()
    visit.keys = []
    visit.page.on("request", lambda request: is_order(request) and visit.keys.append(key_of(request)))
    return visit


def is_order(request) -> bool:
    return request.method == "POST" and request.url.endswith("/api/v1/orders")


def key_of(request) -> str:
    return request.headers["idempotency-key"]


def check_out(visit: Visit, *skus: str) -> Page:
    for sku in skus:
        visit.add(sku)
    visit.page.goto("/checkout")
    visit.fill_address()
    return visit.page


def heading(page: Page, text: str | re.Pattern):
    return page.get_by_role("heading", level=1, name=text)


def test_too_little_stock_names_what_is_short_and_the_rest_is_bought_under_a_new_key(buyer: Visit):
    buyer.expected.add(409)
    sku = "OD-LANTERN"
    buyer.cluster.set_stock(sku, 3)
    page = buyer.page
    buyer.add(sku)
    page.get_by_role("button", name="One more").click()
    page.get_by_role("button", name="Add to cart").click()
    check_out(buyer, "BK-KNOTS")
    buyer.cluster.set_stock(sku, 1)
    pay(page)
    told = page.get_by_role("alert")
    expect(told).to_contain_text("There is not enough left. Nothing was ordered, and nothing was charged.")
    expect(told.get_by_role("listitem")).to_have_count(1)
    expect(told.get_by_role("listitem")).to_contain_text(re.compile("1 of 3 is left"))
    told.get_by_role("button", name="Take 1").click()
    expect(page.get_by_role("complementary", name="The order").get_by_text("Quantity 1")).to_have_count(2)
    pay(page)
    expect(heading(page, PLACED)).to_be_visible()
    assert len(set(buyer.keys)) == 2
    assert buyer.cluster.staff("GET", f"/api/v1/inventory/{sku}")["available"] == 0
    buyer.cluster.set_stock(sku, 50)


def test_the_same_order_after_a_declined_card_goes_under_a_new_key(buyer: Visit):
    buyer.expected.add(402)
    page = check_out(buyer, "BK-KNOTS")
    for attempt in (1, 2):
        with page.expect_response(lambda answer: is_order(answer.request)) as answer:
            pay(page, "declined")
        assert answer.value.status == 402
        expect(page.get_by_role("alert").get_by_text("The card was declined.")).to_be_visible()
        assert len(set(buyer.keys)) == attempt
    pay(page)
    expect(heading(page, PLACED)).to_be_visible()
    assert len(set(buyer.keys)) == 3


def test_a_payment_service_that_is_down_is_told_and_the_next_try_goes_under_the_same_key(buyer: Visit):
    buyer.expected.add(503)
    page = check_out(buyer, "BK-KNOTS")
    buyer.cluster.payment_faults({"refuse_connections_ms": 6000})
    pay(page)
    told = page.get_by_role("alert").get_by_text("The payment service does not answer.")
    placed = heading(page, PLACED)
    expect(told).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Pay "))).to_be_enabled()

    def pay_again() -> None:
        page.get_by_role("button", name=re.compile("^Pay ")).click()
        expect(placed.or_(page.locator("button.button.main:not([disabled])"))).to_be_visible()

    until(placed.is_visible, pay_again)
    assert len(set(buyer.keys)) == 1


def test_a_payment_of_which_nothing_is_known_is_told_as_such_until_it_is_known(buyer: Visit):
    page = check_out(buyer, "BK-KNOTS")
    pay(page, "Card whose bank does not answer")
    unknown = heading(page, re.compile("We do not know yet"))
    expect(unknown).to_be_visible(timeout=40_000)
    expect(page.get_by_text("You need not order again.")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel the order")).to_have_count(0)
    page.goto("/orders")
    expect(page.get_by_text("Payment unclear")).to_be_visible()
    page.go_back()
    expect(unknown.or_(heading(page, PLACED))).to_be_visible()
    expect(heading(page, PLACED)).to_be_visible(timeout=60_000)
    assert len(buyer.cluster.orders(buyer.token)) == 1


def test_a_price_that_has_changed_is_agreed_to_first(buyer: Visit):
    buyer.expected.add(409)
    page = check_out(buyer, KNIFE)
    product = buyer.cluster.product(KNIFE)
    variants = [{**one, "price": {**one["price"], "amount": 12_345}} for one in product["variants"]]
    buyer.cluster.change(product, variants=variants)
    pay(page)
    told = page.get_by_role("alert")
    expect(told.get_by_text("The price has changed to €123.45.")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    told.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("button", name="Pay €123.45")).to_be_focused()
    expect(page.get_by_role("button", name="Pay €123.45")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(heading(page, PLACED)).to_be_visible()
    expect(page.get_by_role("complementary").get_by_text("€123.45")).to_be_visible()


def test_a_price_that_was_agreed_to_is_that_of_what_was_in_the_cart_then(buyer: Visit):
    buyer.expected.add(409)
    page = check_out(buyer, KNIFE)
    product = buyer.cluster.product(KNIFE)
    variants = [{**one, "price": {**one["price"], "amount": 23_456}} for one in product["variants"]]
    buyer.cluster.change(product, variants=variants)
    pay(page)
    page.get_by_role("button", name="I agree").click()
    expect(page.get_by_role("button", name="Pay €234.56")).to_be_visible()
    other = buyer.tab()
    other.goto("/cart")
    other.get_by_role("button", name="One more").click()
    expect(page.get_by_role("button", name="Pay €469.12")).to_be_visible()


def test_a_product_that_is_taken_off_sale_is_told_and_taken_out(buyer: Visit):
    buyer.expected.add(409)
    page = check_out(buyer, "KT-APRON", "BK-KNOTS")
    product = buyer.cluster.product("KT-APRON")
    buyer.cluster.change(product, active=False)
    pay(page)
    told = page.get_by_role("alert")
    expect(told).to_contain_text("Something in the cart is not sold at present.")
    told.get_by_role("link", name="See the cart").click()
    expect(page.get_by_text("Something in it is not sold any more. Take it out to go on.")).to_be_visible()
    line = page.get_by_role("listitem").filter(has_text="This is not sold any more.")
    expect(line).to_have_count(1)
    expect(line.get_by_role("button")).to_have_count(1)
    page.goto("/checkout")
    order = page.get_by_role("complementary", name="The order")
    expect(order.get_by_text("Not sold any more", exact=True)).to_be_visible()
    order.get_by_role("link", name="See the cart").click()
    page.get_by_role("button", name=re.compile("^Remove ")).first.click()
    expect(page.get_by_text("Something in it is not sold any more")).to_have_count(0)
    page.get_by_role("link", name="Check out").click()
    pay(page)
    expect(heading(page, PLACED)).to_be_visible()
    buyer.cluster.change(product, active=True)


def test_an_answer_that_is_lost_is_asked_for_after_a_reload_and_there_is_one_order(buyer: Visit):
    buyer.expected.add("ERR_")
    page = check_out(buyer, "BK-KNOTS")

    def lose(route) -> None:
        if len(buyer.keys) == 1:
            route.fetch()
        route.abort()

    page.route("**/api/v1/orders", lambda route: lose(route) if is_order(route.request) else route.continue_())
    pay(page)
    expect(page.get_by_text("The order is being placed.")).to_be_visible()
    until(lambda: len(buyer.keys) >= 4, lambda: page.wait_for_timeout(50))
    page.reload()
    expect(page.get_by_text("An order of 1 item was sent, and no answer came.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Pay "))).to_have_count(0)
    page.unroute_all()
    page.get_by_role("button", name="Ask again").click()
    expect(heading(page, PLACED)).to_be_visible()
    expect(page.get_by_role("link", name="Cart, 0 items")).to_be_visible()
    assert len(set(buyer.keys)) == 1
    assert len(buyer.cluster.orders(buyer.token)) == 1


def test_two_tabs_of_one_customer_want_the_last_one_and_one_gets_it(buyer: Visit):
    buyer.expected.add(409)
    sku = "OD-HAMMOCK"
    buyer.cluster.set_stock(sku, 1)
    first = check_out(buyer, sku)
    second = buyer.tab()
    second.goto("/checkout")
    buyer.fill_address(second)
    for page in (first, second):
        expect(page.get_by_role("button", name=re.compile("^Pay "))).to_be_enabled()
    for page in (first, second):
        page.get_by_role("button", name=re.compile("^Pay ")).dispatch_event("click")
    outcomes = []
    for page in (first, second):
        short = page.get_by_text("none is left")
        expect(heading(page, PLACED).or_(short)).to_be_visible()
        outcomes.append(short.is_visible())
        if short.is_visible():
            page.get_by_role("button", name="Take it out").click()
            expect(page.get_by_text("The cart is empty.")).to_be_visible()
    assert sorted(outcomes) == [False, True]
    assert sorted(order["status"] == "REJECTED" for order in buyer.cluster.orders(buyer.token)) == [False, True]
    buyer.cluster.set_stock(sku, 20)


def test_a_node_that_dies_while_it_places_the_order_costs_no_second_one(buyer: Visit):
    buyer.expected.update({"ERR_", "503"})
    page = check_out(buyer, "BK-KNOTS")
    buyer.cluster.run("transfer-leader", 0, 1)
    buyer.cluster.payment_faults({"delay_ms": 3000})
    try:
        with page.expect_request(is_order):
            pay(page)
        buyer.cluster.run("kill", 1)
        expect(heading(page, re.compile(f"{PLACED}|We do not know yet|being placed"))).to_be_visible(timeout=40_000)
        expect(heading(page, PLACED)).to_be_visible(timeout=40_000)
    finally:
        buyer.cluster.payment_faults({})
        buyer.cluster.run("restart", 1)
    assert len(set(buyer.keys)) == 1
    assert len(buyer.keys) > 1
    assert len(buyer.cluster.orders(buyer.token)) == 1
