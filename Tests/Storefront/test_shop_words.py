"""What the shop says of a customer, of a product, and of a form that is refused."""

import uuid

import pytest
from cluster import PASSWORD
from conftest import Visit
from playwright.sync_api import expect
from test_pages import faults_of


@pytest.fixture
def lamp(cluster):
    """A product within a category of a category, whose description has paragraphs and lines."""
    product = cluster.staff("POST", "/api/v1/products", {
        "title": "Desk lamp", "brand": "Lumen", "category": "Home/Lighting",
        "description": "It stands by itself.\n\nIn the box:\n- a lamp\n- <b>a bulb</b>",
        "variants": [{"sku": f"LAMP-{uuid.uuid4().hex[:8].upper()}", "price": {"amount": 4900, "currency": "EUR"}}],
    })
    yield product
    cluster.change(product, active=False)


def test_a_refused_registration_speaks_to_a_customer(visit: Visit):
    visit.expected.update({409, 422})
    page = visit.page
    page.goto("/register")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Create account").click()
    expect(page.locator(".notice")).to_have_text("Something is not right yet. Please look at what is marked below.")
    expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("E-mail").fill(visit.cluster.customer()[0])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.locator(".notice")).to_contain_text("There is an account with this e-mail address already.")


def test_a_customer_without_a_name_is_shown_one_address(visit: Visit):
    email = f"{uuid.uuid4().hex[:12]}@example.com"
    visit.cluster.call("POST", "/api/v1/auth/register", {"email": email, "password": PASSWORD})
    visit.log_in_as(email)
    you = visit.page.get_by_role("region", name="You")
    expect(you.get_by_text("Customer since")).to_be_visible()
    expect(you.get_by_text(email)).to_have_count(1)
    assert faults_of(visit.page, "/account") == []


def test_a_description_keeps_its_paragraphs_and_lines_and_makes_no_markup(visit: Visit, lamp: dict):
    page = visit.page
    page.goto(f"/products/{lamp['id']}")
    parts = page.locator(".detail p.lines")
    expect(parts).to_have_count(2)
    # As it is seen: the lines that are drawn, and what looks like markup in letters.
    assert [part.inner_text() for part in parts.all()] == ["It stands by itself.", "In the box:\n- a lamp\n- <b>a bulb</b>"]
    assert faults_of(page, f"/products/{lamp['id']}") == []


def test_each_step_of_a_category_leads_to_what_it_names(visit: Visit, lamp: dict):
    page = visit.page
    for name, category in (("Lighting", "Home/Lighting"), ("Home", "Home")):
        page.goto(f"/products/{lamp['id']}")
        crumbs = page.get_by_role("navigation", name="Breadcrumbs")
        expect(crumbs.get_by_role("link")).to_have_text(["Shop", "Home", "Lighting"])
        crumbs.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=category, exact=True)).to_be_visible()
        expect(page.get_by_role("link", name="Desk lamp").first).to_be_visible()
