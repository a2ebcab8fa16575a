"""Shop and console with the keyboard alone: every way leads on, and the focus is seen wherever it is."""

import re

from conftest import Visit
from places import console_places, settle, shop_places
from playwright.sync_api import Locator, expect

# So many stops are between any two things of a page.
STOPS_MAX = 60

# Why the focus is not seen, if it is not: a choice that is drawn by its label shows it there.
UNSEEN = """() => {
  const focused = document.activeElement;
  const shown = getComputedStyle(focused).opacity === '0' ? focused.nextElementSibling : focused;
  const style = getComputedStyle(shown);
  const isMarked = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== 'none';
  const box = shown.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 10));
  const name = focused.outerHTML.slice(0, 120);
  if (!isMarked) return `not marked: ${name}`;
  const reach = style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
  for (let around = shown.parentElement; around !== document.body; around = around.parentElement) {
    if (getComputedStyle(around).overflowX === 'visible') continue;
    const frame = around.getBoundingClientRect();
    if (box.left - reach < frame.left - 0.5 || box.right + reach > frame.right + 0.5
      || box.top - reach < frame.top - 0.5 || box.bottom + reach > frame.bottom + 0.5) return `its mark is cut: ${name}`;
  }
  if (!top || !(shown.contains(top) || top.contains(shown))) return `covered: ${name}`;
  return null;
}"""


def go_to(target: Locator, key: str = "Tab") -> None:
    """Goes from stop to stop until the focus is on the target, and looks whether it is seen at each."""
    page = target.page
    for _ in range(STOPS_MAX):
        page.keyboard.press(key)
        assert page.evaluate(UNSEEN) is None
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{key} does not lead to {target}")


def buy(visit: Visit) -> None:
    page = visit.page
    main = page.get_by_role("main")
    page.goto(f"/products/{visit.cluster.product('TS-BAS-WHT-M')['id']}")
    settle(page)
    go_to(page.get_by_role("radio", name="white"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="navy")).to_be_checked()
    go_to(page.get_by_role("button", name="One more"))
    page.keyboard.press("Enter")
    go_to(page.get_by_role("button", name="Add to cart"))
    page.keyboard.press("Enter")
    cart = page.get_by_role("link", name="Cart, 2 items")
    expect(cart).to_be_visible()
    go_to(cart, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Cart")).to_be_focused()
    go_to(main.get_by_role("button", name="One fewer"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Cart, 1 item", exact=True)).to_be_visible()
    go_to(main.get_by_role("link", name="Check out"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Check out")).to_be_focused()
    for label, text in {
        "E-mail": "guest@example.com", "Name": "Ada Lovelace", "Street and number": "Hafenstraße 12",
        "Postal code": "20457", "Town": "Hamburg",
    }.items():
        go_to(page.get_by_label(label, exact=True))
        page.keyboard.type(text)
    go_to(page.get_by_label("Country"))
    page.keyboard.type("Austria")
    go_to(page.get_by_role("radio", name=re.compile("accepted")))
    go_to(page.get_by_role("button", name=re.compile("^Pay ")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Thank you, the order is placed")).to_be_focused()
    expect(page.get_by_text("Austria")).to_be_visible()


def test_a_guest_buys_with_the_keyboard_alone_at_a_desk(visit: Visit):
    buy(visit)


def test_a_guest_buys_with_the_keyboard_alone_in_a_window_as_wide_as_a_telephone(visit: Visit):
    visit.page.set_viewport_size({"width": 360, "height": 640})
    buy(visit)


def unseen_stops(visit: Visit, places: dict[str, str]) -> list[str]:
    """Why the focus is not seen at a stop of the pages in a window as wide as a telephone."""
    visit.expected.update({404, 422})
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 700})
    found = []
    for name, path in places.items():
        page.goto(path)
        settle(page)
        for _ in range(STOPS_MAX):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            fault = page.evaluate(UNSEEN)
            found += [f"{name}: {fault}"] if fault else []
    return found


def test_the_focus_is_seen_at_every_stop_of_the_shop(visit: Visit):
    assert unseen_stops(visit, shop_places(visit)) == []


def test_the_focus_is_seen_at_every_stop_of_the_console(staff: Visit):
    name = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
    product = staff.cluster.staff("POST", "/api/v1/products", {
        "title": name, "description": "", "brand": "", "category": "Laws", "attributes": {}, "image_urls": [],
        "active": True, "variants": [{"sku": "LAW", "attributes": {}, "price": {"amount": 100, "currency": "EUR"}}],
    })
    places = {**console_places(staff), "long name": f"/console/products?q={name}"}
    found = unseen_stops(staff, places)
    staff.cluster.change(product, active=False)
    assert found == []


def test_what_a_toast_says_stays_while_its_link_has_the_focus(visit: Visit):
    page = visit.page
    page.clock.install()
    visit.add("BK-KNOTS")
    link = page.get_by_role("link", name="See the cart")
    link.focus()
    page.clock.run_for(30_000)
    expect(link).to_be_focused()
    link.blur()
    page.clock.run_for(30_000)
    expect(link).to_have_count(0)
