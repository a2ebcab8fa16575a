"""The page of the interface: all of it is there, nothing comes from outside, and requests are sent from it."""

import re
from urllib.parse import urlsplit

import pytest
from cluster import PROJECT
from conftest import Visit
from playwright.sync_api import expect
from test_pages import faults_of, violations

PATH = "/docs"


@pytest.fixture
def hosts(visit: Visit) -> set[str]:
    """The hosts that the page has asked."""
    found = set()
    visit.page.on("request", lambda request: found.add(urlsplit(request.url).netloc))
    return found


def described() -> list[str]:
    """The names of all operations, in their order."""
    text = (PROJECT / "data/openapi.yaml").read_text()
    return re.findall(r"^      operationId: (\w+)$", text, re.MULTILINE)


@pytest.mark.share
def test_every_operation_is_shown(visit: Visit):
    visit.page.goto(PATH)
    operations = visit.page.locator("details.operation")
    expect(operations).to_have_count(len(described()))
    assert operations.evaluate_all("all => all.map(one => one.id)") == described()


def test_every_operation_opens_and_nothing_comes_from_outside(visit: Visit, hosts: set[str]):
    page = visit.page
    assert faults_of(page, PATH) == []
    for name in described():
        page.locator(f"#{name} > summary").click()
    expect(page.get_by_role("button", name="Send")).to_have_count(len(described()))
    assert violations(page) == []
    assert hosts == {urlsplit(visit.cluster.urls[0]).netloc}


def test_a_guest_sends_a_request_from_the_page(visit: Visit):
    page = visit.page
    visit.expected.add(422)
    page.goto(PATH)
    page.get_by_label("Find an operation").fill("listProducts")
    expect(page.locator("details.operation")).to_have_count(1)
    page.locator("#listProducts > summary").click()
    form = page.get_by_role("form", name="Try listProducts")
    form.get_by_label("q", exact=True).fill("kettle")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("status")).to_contain_text("200")
    expect(form.get_by_label("Body")).to_contain_text('"title": "Gooseneck kettle')
    form.get_by_label("limit", exact=True).fill("0")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("status")).to_contain_text("422")
    expect(form.get_by_label("Body")).to_contain_text("invalid_fields")


def test_a_customer_who_is_logged_in_places_an_order_from_the_page(visit: Visit):
    token = visit.log_in()
    page = visit.page
    page.goto(f"{PATH}#placeOrder")
    form = page.get_by_role("form", name="Try placeOrder")
    form.get_by_role("textbox", name="Body").fill('{"items": [{"sku": "TEA-EARL", "quantity": 1}]}')
    for _ in range(2):
        form.get_by_role("button", name="Send").click()
        expect(form.get_by_role("status")).to_contain_text("201")
    expect(form.get_by_label("Header fields")).to_contain_text("idempotent-replayed: true")
    assert len(visit.cluster.orders(token)) == 1


def test_staff_see_the_events_that_come_within_a_few_seconds(staff: Visit):
    page = staff.page
    _, token = staff.cluster.customer()
    page.goto(f"{PATH}#events")
    operation = page.locator("details.operation", has_text="/api/v1/events")
    if operation.get_attribute("open") is None:
        operation.locator("> summary").click()
    form = operation.get_by_role("form")
    with page.expect_response("**/api/v1/events**"):
        form.get_by_role("button", name="Send").click()
    staff.cluster.order(token, {"TEA-EARL": 1})
    expect(form.get_by_label("Body")).to_contain_text("OrderPlaced")
