"""What moves by itself: events, the day's figures, the cluster and its payment provider."""

import contextlib
import re
import urllib.error

import pytest
from cluster import PASSWORD
from conftest import Visit
from places import until
from playwright.sync_api import expect
from test_pages import violations


def test_events_and_the_figures_of_the_day_come_as_they_happen(staff: Visit):
    page = staff.page
    _, token = staff.cluster.customer()
    expect(page.get_by_role("status").get_by_text("Live")).to_be_visible()
    orders = page.locator(".figure").filter(has_text="Orders").locator("dd").first
    expect(orders).to_have_text(re.compile(r"^\d+$"))
    before = int(orders.inner_text())
    placed = staff.cluster.order(token, {"TEA-EARL": 1})
    expect(orders).to_have_text(str(before + 1))
    expect(page.get_by_role("link", name=f"Order {placed['id']}")).to_be_visible()

    page.get_by_role("link", name="Events", exact=True).click()
    order = staff.cluster.order(token, {"TEA-EARL": 2})
    events = page.get_by_role("list", name="Events, newest first")
    row = events.get_by_role("listitem").filter(has_text=order["id"]).filter(has_text="Order placed")
    expect(row).to_be_visible()
    row.locator("summary").click()
    expect(row.get_by_label("The event in JSON")).to_contain_text("TEA-EARL")
    page.get_by_role("button", name="Hold").click()
    held = events.get_by_role("listitem").count()
    staff.cluster.order(token, {"TEA-EARL": 1})
    expect(page.get_by_text(re.compile(f"held at {held}"))).to_be_visible()
    assert events.get_by_role("listitem").count() == held
    page.get_by_role("button", name="Go on").click()
    expect(events.get_by_role("listitem").nth(held)).to_be_visible()
    row.get_by_role("link", name="To the order").click()
    expect(page.get_by_role("heading", level=1, name=re.compile("^Order"))).to_be_visible()


def count_of(page, chart: str, column: str) -> int:
    """The sum of a column of a chart's table."""
    table = page.get_by_role("region", name=chart, exact=True).get_by_role("table", name=chart)
    at = table.get_by_role("columnheader").all_inner_texts().index(column)
    cells = [row.locator("th, td").nth(at).inner_text() for row in table.locator("tbody tr").all()]
    return sum(int(re.sub(r"\D", "", cell)) for cell in cells)


@pytest.mark.share
def test_the_charts_of_the_day_count_what_was_paid_refused_and_declined(staff: Visit):
    page = staff.page
    cluster = staff.cluster
    for chart in ("Orders by hour", "Revenue by hour", "Refusals and payment failures by hour"):
        page.get_by_role("region", name=chart, exact=True).get_by_text("The figures of this chart").click()
    _, token = cluster.customer()
    failures = "Refusals and payment failures by hour"
    columns = [("Orders by hour", "Paid"), (failures, "Sold out"), (failures, "Declined")]
    before = [count_of(page, *column) for column in columns]
    revenue = count_of(page, "Revenue by hour", "Revenue")
    paid = cluster.order(token, {"TEA-EARL": 2})
    for units, method, status in ((1_000_000, None, 409), (1, "pm_decline", 402)):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            cluster.order(token, {"TEA-EARL": units}, method)
        assert refusal.value.code == status
    counted = re.compile(f"^Orders by hour. Paid {before[0] + 1},.*Declined {before[2] + 1},")
    picture = page.get_by_role("img", name=counted)
    expect(picture).to_be_visible()
    assert [count_of(page, *column) for column in columns] == [count + 1 for count in before]
    assert count_of(page, "Revenue by hour", "Revenue") == revenue + paid["total"]["amount"]
    assert violations(page) == []


def test_the_picture_of_the_cluster_moves_while_a_node_is_killed_and_restarted(staff: Visit):
    page = staff.page
    page.get_by_role("link", name="Cluster", exact=True).click()
    picture = page.get_by_role("img", name=re.compile("^The cluster:"))
    expect(picture).to_have_attribute("aria-label", re.compile(r"led by node \d"))
    leader = int(re.search(r"led by node (\d)", picture.get_attribute("aria-label")).group(1))
    requests = page.get_by_role("img", name=re.compile("^Requests a second of each node."))
    waits = page.get_by_role("img", name=re.compile("^Commit latency of each node."))
    expect(picture.get_by_text(re.compile(r"req/s"))).to_have_count(3)
    _, token = staff.cluster.customer()
    shown = re.compile(r"Node \d [\d.,]+ ms")
    until(
        lambda: shown.search(waits.get_attribute("aria-label")), lambda: staff.cluster.order(token, {"TEA-EARL": 1}))
    expect(requests).to_have_attribute("aria-label", re.compile(f"Node {leader} [\\d.]+"))
    # What the dead node does not answer any more is no fault of the page.
    staff.expected.add("ERR_")
    staff.expected.add("503")
    staff.cluster.run("kill", leader)
    try:
        expect(picture).to_have_attribute("aria-label", re.compile(f"node {leader} not heard of"))
        others = "".join(str(node) for node in (1, 2, 3) if node != leader)
        expect(picture).to_have_attribute("aria-label", re.compile(f"led by node [{others}]"))
        expect(page.locator(".figure").filter(has_text="Nodes ready")).to_contain_text("2 of 3")
        expect(requests).to_have_attribute("aria-label", re.compile(f"Node {leader} not known"))
        expect(picture.get_by_text(re.compile(r"req/s"))).to_have_count(2)
        expect(page.get_by_role("log", name="Changes")).to_contain_text(f"Node {leader} is not heard of")
    finally:
        staff.cluster.run("restart", leader)
    expect(page.locator(".figure").filter(has_text="Nodes ready")).to_contain_text("3 of 3", timeout=30_000)
    expect(page.get_by_role("log", name="Changes")).to_contain_text(f"Node {leader} is ready again")
    expect(picture.get_by_text(re.compile(r"req/s"))).to_have_count(3)


def test_the_circuit_breaker_is_seen_to_open_on_the_node_that_pays_and_to_close(staff: Visit):
    page = staff.page
    page.get_by_role("link", name="Cluster", exact=True).click()
    checks = page.get_by_role("table", name="Checks of each node")
    closed = checks.get_by_text("Circuit breaker closed")
    expect(closed).to_have_count(3)
    _, token = staff.cluster.customer()
    staff.cluster.payment_faults({"error_500": True})
    try:
        # One customer's failures say nothing of the provider; those of many do.
        def fail() -> None:
            _, unlucky = staff.cluster.customer()
            with contextlib.suppress(urllib.error.HTTPError):
                staff.cluster.order(unlucky, {"TEA-EARL": 1})

        until(lambda: checks.get_by_text("Circuit breaker open").count() > 0, fail)
        expect(checks).to_contain_text("The payment provider does not answer.")
    finally:
        staff.cluster.payment_faults({})
    expect(closed).to_have_count(3, timeout=30_000)
    page.get_by_role("link", name="Today", exact=True).click()
    failures = page.locator(".figure").filter(has_text="Payment failures").locator("dd").first
    expect(failures).to_have_text(re.compile(r"^[1-9]"))
    assert staff.cluster.order(token, {"TEA-EARL": 1})["status"] != "REJECTED"


def test_roles_are_given_and_say_what_is_shown(staff: Visit, browser):
    page = staff.page
    email, _ = staff.cluster.customer()
    other = Visit(browser, staff.cluster)
    # A new role ends the sessions that have the old one.
    other.expected.update({401, 403})
    other.log_in_as_staff(email, PASSWORD)
    expect(other.page.get_by_role("heading", name="No entry")).to_be_visible()
    page.get_by_role("link", name="Customers", exact=True).click()
    page.get_by_label("E-mail address or number").fill("unknown@example.com")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("No account has the address unknown@example.com.")).to_be_visible()
    page.get_by_label("E-mail address or number").fill(email)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Change the role").click()
    page.get_by_role("dialog").get_by_label("Role").select_option("staff")
    page.get_by_role("dialog").get_by_role("button", name="Give the role").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Staff", exact=True)).to_be_visible()
    other.page.get_by_role("button", name="Log in with another account").click()
    other.log_in_as_staff(email, PASSWORD)
    expect(other.page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    expect(other.page.get_by_role("link", name="Cluster", exact=True)).to_have_count(0)
    other.page.goto("/console/cluster")
    expect(other.page.get_by_text("shown to administrators only")).to_be_visible()
    other.page.goto("/console/customers/" + page.url.split("/")[-1])
    expect(other.page.get_by_text("Roles are given by administrators.")).to_be_visible()

    page.get_by_role("button", name="Change the role").click()
    page.get_by_role("dialog").get_by_label("Role").select_option("customer")
    page.get_by_role("dialog").get_by_role("button", name="Give the role").click()
    expect(other.page.get_by_role("heading", name="Log in")).to_be_visible(timeout=30_000)
    assert other.faults == []
    other.context.close()


def test_a_wrong_password_is_told_and_the_log_out_ends_the_session(visit: Visit):
    visit.expected.add(401)
    visit.log_in_as_staff(password="not the one of this account")
    page = visit.page
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(visit.cluster.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
