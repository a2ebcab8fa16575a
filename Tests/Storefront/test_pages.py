"""What holds for every page: it can be used with a screen reader, and nothing moves while it comes."""

import re

from axe_playwright_python.sync_playwright import Axe
from conftest import Visit
from places import TOO_MANY, refuse, settle, shop_places
from playwright.sync_api import expect

SHIFT = """new Promise(done => new PerformanceObserver(list => done(list.getEntries()
  .reduce((sum, entry) => sum + entry.value, 0))).observe({type: 'layout-shift', buffered: true}) ||
  setTimeout(() => done(0), 300))"""


def violations(page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def faults_of(page, path: str) -> list[str]:
    """What axe finds on a page, what moves while it comes, and whether it is too wide for a telephone."""
    page.goto(path)
    settle(page)
    found = violations(page)
    shift = page.evaluate(SHIFT)
    if shift >= 0.02:
        found.append(f"layout shift {shift}")
    page.set_viewport_size({"width": 390, "height": 844})
    found += [f"on a telephone: {fault}" for fault in violations(page)]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > 390:
        found.append(f"{width} wide on a telephone")
    page.set_viewport_size({"width": 1280, "height": 720})
    return found


def comes_back(page, path: str, elsewhere: str) -> bool:
    """Whether a page shows the same after a reload, and again when the reader comes back to it from elsewhere."""
    seen = []
    for go in (lambda: page.goto(path), page.reload, lambda: (page.goto(elsewhere), settle(page), page.go_back())):
        go()
        settle(page)
        seen.append((page.url, page.title(), page.locator("h1").inner_text()))
    return len(set(seen)) == 1


def test_axe_finds_nothing_on_any_page_and_finds_what_is_planted(visit: Visit):
    visit.expected.update({404, 422})
    page = visit.page
    found = {name: faults_of(page, path) for name, path in shop_places(visit).items()}
    assert {name: faults for name, faults in found.items() if faults} == {}
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert any("image-alt" in fault for fault in violations(page))


def test_the_search_is_used_with_the_keyboard_alone(visit: Visit):
    page = visit.page
    page.goto("/")
    settle(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.get_by_role("combobox", name="Search products").focus()
    page.keyboard.type("kettl")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=re.compile("Results for"))).to_be_focused()
    expect(page.get_by_role("link", name=re.compile("Gooseneck kettle"))).to_be_visible()


def test_a_suggestion_is_followed_by_a_click_and_by_no_other_button_of_a_mouse(visit: Visit):
    page = visit.page
    page.goto("/")
    page.get_by_role("combobox", name="Search products").fill("kettl")
    suggestion = page.get_by_role("option").first
    suggestion.click(button="right")
    expect(page.get_by_role("heading", name="Bought most")).to_be_visible()
    suggestion.click()
    expect(page.get_by_role("heading", level=1, name=re.compile("Results for"))).to_be_visible()


def test_a_later_page_of_products_that_cannot_be_read_is_told_and_read_again(visit: Visit):
    visit.expected.add(429)
    page = visit.page
    page.goto("/search")
    products = page.locator(".product-title")
    expect(products).to_have_count(24)
    refuse(page, "**/api/v1/products?**cursor=**", TOO_MANY)
    page.get_by_role("button", name="Show more").click()
    told = page.get_by_role("alert").filter(has_text="Too many requests.")
    expect(told).to_be_visible()
    page.unroute_all()
    told.get_by_role("button", name="Try again").click()
    expect(products).to_have_count(48)
    expect(told).to_have_count(0)


def test_facets_narrow_the_list_and_back_widens_it(visit: Visit):
    page = visit.page
    total = visit.cluster.call("GET", "/api/v1/products?limit=1")["total"]
    page.goto("/search")
    expect(page.get_by_text(f"{total} products")).to_be_visible()
    page.get_by_role("group", name="Category").get_by_label(re.compile("^Books")).check()
    expect(page.get_by_role("heading", level=1, name="Books")).to_be_visible()
    expect(page.get_by_text("5 products")).to_be_visible()
    page.get_by_label("Sort by").select_option("price_asc")
    expect(page.locator(".product-title").first).to_have_text("Forty Useful Knots")
    page.reload()
    expect(page.locator(".product-title").first).to_have_text("Forty Useful Knots")
    page.go_back()
    page.go_back()
    expect(page.get_by_text(f"{total} products")).to_be_visible()


def test_no_field_that_has_the_focus_is_behind_the_header_of_a_telephone(visit: Visit):
    visit.add("BK-KNOTS")
    page = visit.page
    page.set_viewport_size({"width": 390, "height": 600})
    page.goto("/checkout")
    settle(page)
    hidden = []
    for field in page.get_by_role("main").get_by_role("textbox").all():
        # Where the header covers it; the first ones cannot be scrolled there.
        field.evaluate("field => scrollBy(0, field.getBoundingClientRect().top - 8)")
        field.focus()
        header = page.get_by_role("banner").bounding_box()
        if field.bounding_box()["y"] < header["y"] + header["height"]:
            hidden.append(field.get_attribute("name"))
    assert hidden == []


def test_back_and_reload_lead_to_the_same_page(visit: Visit):
    visit.expected.update({404, 422})
    places = shop_places(visit)
    assert {name: path for name, path in places.items() if not comes_back(visit.page, path, "/search?sort=newest")} == {}


def test_a_slash_at_the_end_of_an_address_is_passed_over(visit: Visit):
    visit.page.goto("/cart/")
    expect(visit.page.get_by_role("heading", level=1, name="Cart")).to_be_visible()


def test_what_is_typed_before_the_script_is_there_is_kept_and_a_password_waits_for_it(visit: Visit):
    page = visit.page
    held = []
    page.route("**/assets/*.js", lambda route: held.append(route))
    page.goto("/log-in", wait_until="commit")
    email, search = page.get_by_label("E-mail"), page.get_by_role("combobox", name="Search products")
    log_in = page.get_by_role("main").get_by_role("button", name="Log in")
    email.fill("ada@example.com")
    search.fill("kettle")
    expect(log_in).to_be_disabled()
    # The handler that was added last is asked first.
    page.route("**/assets/*.js", lambda route: route.continue_())
    for route in held:
        route.continue_()
    expect(log_in).to_be_enabled()
    expect(email).to_have_value("ada@example.com")
    search.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Results for “kettle”")).to_be_visible()


def test_an_answer_that_is_late_is_told_of_until_it_comes(visit: Visit):
    visit.expected.add("ERR_")
    page = visit.page
    page.route("**/api/v1/**", lambda route: route.abort())
    page.goto("/search?sort=newest")
    told = page.get_by_text("No answer yet. We keep asking.")
    expect(told).to_be_visible()
    page.unroute("**/api/v1/**")
    expect(page.get_by_role("main").locator("a[href^='/products/']").first).to_be_visible()
    expect(told).to_be_hidden()
