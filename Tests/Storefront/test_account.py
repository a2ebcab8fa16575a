"""A customer's account: the password, the sessions, and what the shop has of its holder."""

import json
import re

import pytest
from cluster import PASSWORD
from conftest import Visit
from playwright.sync_api import expect
from test_pages import violations
from test_purchase import pay

FRESH = "another fine sentence"


def log_in(visit: Visit, email: str, password: str) -> None:
    visit.page.goto("/log-in")
    visit.page.get_by_label("E-mail").fill(email)
    visit.page.get_by_label("Password").fill(password)
    visit.page.get_by_role("main").get_by_role("button", name="Log in").click()


def test_a_new_password_ends_the_other_sessions_and_one_of_them_is_ended_by_hand(visit: Visit, browser):
    email, _ = visit.cluster.customer()
    visit.log_in_as(email)
    other = Visit(browser, visit.cluster)
    other.expected.add(401)
    other.log_in_as(email)
    page = visit.page
    page.reload()
    here = page.get_by_role("region", name="Where you are logged in")
    # The interface's own log-in, by which the customer was registered, is the third.
    expect(here.get_by_role("listitem")).to_have_count(3)
    expect(here.get_by_text("This one")).to_have_count(1)
    here.get_by_role("button", name="End").first.click()
    expect(here.get_by_role("listitem")).to_have_count(2)

    visit.expected.update({401, 422})
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_label("New password")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("New password").fill(FRESH)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("The password has changed, and all other sessions have ended.")).to_be_visible()
    other.page.goto("/account")
    expect(other.page.get_by_role("heading", name="Log in first")).to_be_visible(timeout=30_000)
    log_in(other, email, FRESH)
    expect(other.page.get_by_role("heading", name="Account")).to_be_visible()
    assert other.faults == []
    other.context.close()


def test_a_customer_takes_all_data_along_in_one_file(visit: Visit):
    email, token = visit.cluster.customer()
    order = visit.cluster.order(token, {"TEA-EARL": 1})
    visit.log_in_as(email)
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name="Download your data").click()
    assert download.value.suggested_filename == "cloudretail-data.json"
    data = json.loads(download.value.path().read_text())
    assert data["account"]["email"] == email
    assert [one["id"] for one in data["orders"]] == [order["id"]]
    assert data["orders"][0]["shipping_address"]["line1"] == "Hafenstraße 12"
    assert data["next_order_cursor"] is None


def test_the_file_of_a_member_of_staff_has_their_own_orders_to_the_last_and_no_customers(staff: Visit):
    cluster = staff.cluster
    own = []
    for _ in range(2):
        cluster.order(cluster.customer()[1], {"TEA-EARL": 1})
        own.append(cluster.staff("POST", "/api/v1/orders", {"items": [{"sku": "TEA-EARL", "quantity": 1}]}))
    page = staff.page

    def shorten(route) -> None:
        """Leaves all orders but the newest to the pages behind the export."""
        answer = route.fetch()
        account = answer.json()["account"]["id"]
        first = cluster.staff("GET", f"/api/v1/orders?limit=1&customer_id={account}")
        rest = {"orders": first["data"], "next_order_cursor": first["next_cursor"]}
        route.fulfill(response=answer, json={**answer.json(), **rest})

    page.route("**/api/v1/auth/me/export", shorten)
    page.goto("/account")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download your data").click()
    data = json.loads(download.value.path().read_text())
    orders = [order["id"] for order in data["orders"]]
    assert {order["customer_id"] for order in data["orders"]} == {data["account"]["id"]}
    assert len(orders) == len(set(orders)) and {order["id"] for order in own} <= set(orders)
    assert data["next_order_cursor"] is None


@pytest.mark.share
def test_an_account_is_erased_once_nothing_has_to_be_sent_and_the_address_is_free_again(visit: Visit):
    email, token = visit.cluster.customer()
    order = visit.cluster.order(token, {"TEA-EARL": 1})
    visit.log_in_as(email)
    visit.expected.update({401, 403, 409})
    page = visit.page
    page.get_by_role("button", name="Erase the account").click()
    dialog = page.get_by_role("dialog", name="Erase the account?")
    assert violations(page) == []
    dialog.get_by_label("Your password").fill("not the one of this account")
    dialog.get_by_label("I want all of it erased for good.").check()
    dialog.get_by_role("button", name="Erase for good").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Erase for good").click()
    expect(dialog.get_by_role("alert")).to_contain_text("An order has yet to be sent")
    visit.cluster.call("POST", f"/api/v1/orders/{order['id']}/cancel", {}, token)
    dialog.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("The account is erased.")).to_be_visible()
    expect(page.get_by_role("navigation", name="You").get_by_role("link", name="Log in")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    log_in(visit, email, PASSWORD)
    expect(page.get_by_role("alert")).to_be_visible()
    visit.cluster.call("POST", "/api/v1/auth/register", {"email": email, "password": PASSWORD, "first_name": "Eve"})
    kept = visit.cluster.staff("GET", f"/api/v1/orders/{order['id']}")
    assert kept["status"] == "CANCELLED" and "shipping_address" not in kept


def test_the_shop_shows_staff_their_own_orders_and_no_customers(staff: Visit):
    cluster = staff.cluster
    _, token = cluster.customer()
    cluster.order(token, {"TEA-EARL": 1})
    cluster.log_in()
    cluster.order(cluster.token, {"TEA-EARL": 1})
    account = cluster.staff("GET", "/api/v1/auth/me")["id"]
    own = [order["id"] for order in cluster.staff("GET", f"/api/v1/orders?limit=20&customer_id={account}")["data"]]
    page = staff.page
    page.goto("/orders")
    rows = page.get_by_role("main").get_by_role("listitem").get_by_role("link")
    expect(rows).to_have_count(len(own))
    assert [row.get_attribute("href") for row in rows.all()] == [f"/orders/{order}" for order in own]


def test_after_the_log_out_a_guests_address_is_not_left_at_the_checkout(visit: Visit):
    page = visit.check_out_as_guest("TEA-EARL")
    pay(page)
    expect(page.get_by_role("heading", name=re.compile("^Thank you"))).to_be_visible()
    visit.log_in()
    page.get_by_role("button", name="Log out").click()
    visit.add("TEA-EARL")
    page.goto("/checkout")
    expect(page.get_by_label("E-mail")).to_have_value("")
    expect(page.get_by_label("Street and number")).to_have_value("")
