"""The fault switches of the payment simulator, in the console of an administrator."""

import urllib.error

import pytest
from cluster import PASSWORD
from conftest import Visit
from playwright.sync_api import expect


@pytest.mark.share
def test_a_switch_that_is_set_strikes_payments_until_it_is_off(staff: Visit):
    page = staff.page
    cluster = staff.cluster
    page.get_by_role("link", name="Cluster", exact=True).click()
    page.get_by_role("link", name="Payment simulator").click()
    switches = page.get_by_role("table", name="The fault switches")
    declines = switches.get_by_role("row").filter(has_text="Decline charges").get_by_role("cell").nth(1)
    expect(declines).to_have_text("never")
    _, token = cluster.customer()
    try:
        page.get_by_label("Decline charges").select_option("The next call")
        page.get_by_label("Delay in milliseconds").fill("20")
        page.get_by_role("button", name="Set the switches").click()
        expect(declines).to_have_text("the next call")
        expect(switches).to_contain_text("20 ms")
        with pytest.raises(urllib.error.HTTPError) as refusal:
            cluster.order(token, {"TEA-EARL": 1})
        assert refusal.value.code == 402
        expect(declines).to_have_text("never")
        page.get_by_label("Decline charges").select_option("Every call")
        page.get_by_role("button", name="Set the switches").click()
        expect(declines).to_have_text("every call")
        page.get_by_role("button", name="All off").click()
        expect(declines).to_have_text("never")
        expect(page.get_by_label("Decline charges")).to_have_value("off")
        assert cluster.order(token, {"TEA-EARL": 1})["payment"]["status"] == "PAID"
    finally:
        cluster.payment_faults({})


def test_a_simulator_that_is_out_of_reach_is_told_and_found_again(staff: Visit):
    page = staff.page
    staff.expected.add(503)
    page.goto("/console/payments")
    page.get_by_label("Unreachable for seconds").fill("4")
    page.get_by_role("button", name="Set the switches").click()
    expect(page.get_by_role("alert").get_by_text("The payment simulator does not answer.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="Unreachable")).to_contain_text("no")


def test_the_switches_are_for_administrators(visit: Visit):
    email, _ = visit.cluster.customer()
    account = visit.cluster.staff("GET", f"/api/v1/accounts?email={email}")["data"][0]["id"]
    visit.cluster.staff("POST", f"/api/v1/accounts/{account}/role", {"role": "staff"})
    visit.log_in_as_staff(email, PASSWORD)
    expect(visit.page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    visit.page.goto("/console/payments")
    expect(visit.page.get_by_text("The fault switches are for administrators only.")).to_be_visible()
