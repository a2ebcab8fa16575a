"""The cart: what is asked for last stays, what cannot be read is told, and the reader's place is kept."""

import re

from conftest import Visit
from places import TOO_MANY, refuse, settle, until
from playwright.sync_api import expect

SKU = "TEA-SENCHA"
FULL = {
    "type": "/problems/storage_full", "title": "The disk is full.", "status": 503, "code": "storage_full",
    "detail": "Nothing is taken on until there is room.",
}


# The parts of a line or of an order that reach out of their place into another one or out of the page, and names that
# have room for a few letters only; and amounts that are parted.
OVERLAPS = """[...document.querySelectorAll('.line > *, .order-row > :not(.order-state), .order-state > *')]
  .filter(part => {
    const width = part.getBoundingClientRect().width;
    return part.scrollWidth > Math.ceil(width) || width < (part.className === 'line-text' ? 100 : 1);
  })
  .map(part => `${part.className} of ${part.parentElement.className}`)
  .concat([...document.querySelectorAll('strong')].filter(amount => amount.getClientRects().length > 1).map(amount => amount.textContent))
  .concat(document.documentElement.scrollWidth > innerWidth ? ['the page'] : [])"""


def quantity_of(visit: Visit, token: str) -> int:
    return visit.cluster.call("GET", "/api/v1/cart", token=token)["items"][0]["quantity"]


def test_a_cart_that_cannot_be_read_is_not_called_empty_and_is_read_again(visit: Visit):
    visit.expected.add(429)
    visit.add(SKU)
    page = visit.page
    for path in ("/cart", "/checkout"):
        refuse(page, "**/api/v1/cart", TOO_MANY)
        page.goto(path)
        told = page.get_by_role("alert").filter(has_text="Too many requests.")
        expect(told).to_be_visible()
        expect(page.get_by_text("empty")).to_have_count(0)
        page.unroute_all()
        told.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("main").get_by_role("link", name=re.compile("Sencha"))).to_be_visible()


def test_why_a_node_takes_nothing_is_not_told_to_customers(visit: Visit):
    visit.expected.add(503)
    page = visit.page
    page.clock.install()
    refuse(page, "**/api/v1/products?**", FULL)
    page.goto("/search")
    told = page.get_by_role("alert")
    until(told.is_visible, lambda: page.clock.run_for(1_000))
    expect(told).to_contain_text("The shop does not answer at the moment.")


def test_each_press_of_a_button_counts_while_the_first_is_on_its_way(visit: Visit):
    token = visit.log_in()
    visit.add(SKU)
    page = visit.page
    page.goto("/cart")
    held = []
    page.route("**/api/v1/cart/items/*", lambda route: held.append(route))
    price = visit.cluster.product(SKU)["variants"][0]["price"]["amount"]
    for _ in range(3):
        page.get_by_role("button", name="One more").click()
    expect(page.get_by_role("textbox", name="Quantity")).to_have_value("4")
    expect(page.get_by_role("complementary", name="Sum").get_by_text(f"€{4 * price / 100:.2f}")).to_be_visible()
    assert len(held) == 1
    # The handler that was added last is asked first.
    page.route("**/api/v1/cart/items/*", lambda route: route.continue_())
    held[0].continue_()
    until(lambda: quantity_of(visit, token) == 4, lambda: page.wait_for_timeout(50))
    expect(page.get_by_role("link", name="Cart, 4 items")).to_be_visible()


def test_a_quantity_is_typed_over_and_never_above_the_limit(visit: Visit):
    token = visit.log_in()
    visit.add(SKU)
    page = visit.page
    page.goto("/cart")
    field = page.get_by_role("textbox", name="Quantity")
    field.press("End")
    field.press("Backspace")
    expect(field).to_have_value("")
    field.press("7")
    expect(page.get_by_role("link", name="Cart, 7 items")).to_be_visible()
    field.fill("500")
    field.blur()
    expect(field).to_have_value("99")
    until(lambda: quantity_of(visit, token) == 99, lambda: page.wait_for_timeout(50))
    field.fill("")
    field.blur()
    expect(field).to_have_value("99")


def test_a_quantity_that_is_refused_goes_back_to_what_the_cart_has(visit: Visit):
    visit.expected.add(429)
    visit.add(SKU)
    page = visit.page
    page.goto("/cart")
    refuse(page, "**/api/v1/cart/items/*", TOO_MANY)
    page.get_by_role("button", name="One more").click()
    expect(page.get_by_role("alert").filter(has_text="Too many requests.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Quantity")).to_have_value("1")


def test_the_focus_goes_to_the_heading_when_its_line_is_taken_out_and_back_from_a_dialog(visit: Visit):
    token = visit.log_in()
    visit.add(SKU)
    visit.add("BK-KNOTS")
    page = visit.page
    page.goto("/cart")
    for left in (1, 0):
        remove = page.get_by_role("button", name=re.compile("^Remove ")).first
        remove.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=re.compile("^Remove "))).to_have_count(left)
        expect(page.get_by_role("heading", level=1, name="Cart")).to_be_focused()

    order = visit.cluster.order(token, {SKU: 1})
    page.goto(f"/orders/{order['id']}")
    cancel = page.get_by_role("button", name="Cancel the order")
    for close in (lambda: page.keyboard.press("Escape"), page.get_by_role("button", name="Keep it").click):
        cancel.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        close()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(cancel).to_be_focused()


def test_one_that_is_left_is_told_in_the_singular(visit: Visit):
    visit.log_in()
    sku = "KT-BOARD-40"
    visit.add(sku)
    page = visit.page
    page.goto("/cart")
    page.get_by_role("button", name="One more").click()
    visit.cluster.set_stock(sku, 1)
    expect(page.get_by_text("Only 1 is left.")).to_be_visible()
    page.get_by_role("button", name="Take 1").click()
    expect(page.get_by_role("link", name="Check out")).to_be_visible()
    visit.cluster.set_stock(sku, 9)


def test_large_amounts_and_long_names_lie_beside_each_other_at_any_width(visit: Visit):
    cluster = visit.cluster
    sku = "YACHT"
    body = {
        "title": "An astonishingly comfortable Donaudampfschifffahrtsgesellschaftssegelyacht", "description": "o" * 200,
        "brand": "Schiffsmaschinenbauunternehmen", "category": "Outdoor",
        "attributes": {}, "image_urls": [],
        "active": True, "variants": [{"sku": sku, "attributes": {}, "price": {"amount": 1_234_567_890, "currency": "EUR"}}],
    }
    product = cluster.staff("POST", "/api/v1/products", body)
    cluster.staff("POST", f"/api/v1/inventory/{sku}/receive", {"quantity": 99})
    token = visit.log_in()
    order = cluster.order(token, {sku: 9})
    visit.add(sku)
    cluster.call("PUT", f"/api/v1/cart/items/{sku}", {"quantity": 9}, token)
    page = visit.page
    faults = []
    search = "/search?category=Outdoor&sort=price_desc"
    for path in ("/cart", "/orders", f"/orders/{order['id']}", "/checkout", f"/products/{product['id']}", search):
        page.goto(path)
        settle(page)
        for width in (360, 768, 1001, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            faults += [f"{path}, {width}: {fault}" for fault in page.evaluate(OVERLAPS)]
    cluster.change(product, active=False)
    assert faults == []
