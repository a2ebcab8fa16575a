"""The endpoints that are told of events: made, changed and removed, and what they have not taken."""

import re
import uuid

import pytest
from cluster import PASSWORD, PROJECT
from conftest import Visit
from places import refuse
from playwright.sync_api import Page, expect
from test_pages import violations

SECRET = re.compile(r"^whsec_[A-Za-z0-9+/]{43}=$")


@pytest.fixture
def webhook(cluster):
    """An endpoint of a name that leads nowhere."""
    url = f"https://hooks.invalid/{uuid.uuid4().hex[:8]}"
    webhook = cluster.staff("POST", "/api/v1/webhooks", {"url": url, "types": ["OrderPlaced"], "description": "Books"})
    yield webhook
    if any(one["id"] == webhook["id"] for one in cluster.staff("GET", "/api/v1/webhooks")["data"]):
        cluster.staff("DELETE", f"/api/v1/webhooks/{webhook['id']}")


def take_secret(page: Page) -> str:
    """Copies the secret that is shown once, and closes its dialog."""
    dialog = page.get_by_role("dialog", name="The secret of the endpoint")
    expect(dialog.get_by_role("alert")).to_contain_text("shown once")
    expect(dialog.get_by_label("Secret", exact=True)).to_have_value(SECRET)
    secret = dialog.get_by_label("Secret", exact=True).input_value()
    assert violations(page) == []
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    dialog.get_by_role("button", name="I have kept it").click()
    expect(dialog).to_have_count(0)
    assert secret not in page.content()
    return secret


def test_an_endpoint_is_added_changed_given_another_secret_and_deleted(staff: Visit):
    page = staff.page
    staff.context.grant_permissions(["clipboard-read", "clipboard-write"])
    staff.expected.add(422)
    url = f"https://hooks.invalid/{uuid.uuid4().hex[:8]}"
    page.get_by_role("link", name="Webhooks", exact=True).click()
    page.get_by_role("button", name="Add an endpoint").click()
    dialog = page.get_by_role("dialog", name="Add an endpoint")
    dialog.get_by_label("URL").fill("http://hooks.invalid/")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_label("URL")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("URL").fill(url)
    dialog.get_by_label("Only these events").first.check()
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose one event at least, or all of them.")
    dialog.get_by_label("Order placed").check()
    assert violations(page) == []
    dialog.get_by_role("button", name="Add").click()
    first = take_secret(page)

    row = page.get_by_role("row").filter(has_text=url)
    expect(row).to_contain_text("Order placed")
    expect(row).to_contain_text("Enabled")
    expect(row).to_contain_text("Nothing")
    row.get_by_role("link", name=url).click()
    expect(page.get_by_text("The endpoint has taken everything.")).to_be_visible()
    page.get_by_role("button", name="Change", exact=True).click()
    dialog = page.get_by_role("dialog", name="Change the endpoint")
    expect(dialog.get_by_label("Order placed")).to_be_checked()
    dialog.get_by_label("Order shipped").check()
    dialog.get_by_label("Description").fill("For the books")
    dialog.get_by_role("button", name="Change").click()
    expect(page.get_by_text("Order placed, Order shipped")).to_be_visible()
    expect(page.get_by_text("For the books")).to_be_visible()

    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_text("Disabled by an administrator.")).to_be_visible()
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_text("Enabled", exact=True)).to_be_visible()
    page.get_by_role("button", name="Send a test event").click()
    expect(page.get_by_text("The endpoint did not take the test event.")).to_be_visible()

    page.get_by_role("button", name="Rotate the secret").click()
    page.get_by_role("dialog", name="Rotate the secret?").get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Rotate the secret").click()
    page.get_by_role("dialog", name="Rotate the secret?").get_by_role("button", name="Rotate", exact=True).click()
    assert take_secret(page) != first
    expect(page.get_by_text("The one before signs too until")).to_be_visible()

    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete the endpoint?")
    expect(dialog).to_contain_text(url)
    dialog.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", level=1, name="Webhooks")).to_be_visible()
    expect(page.get_by_role("link", name=url)).to_have_count(0)


def test_a_rotation_without_an_answer_is_asked_for_again_under_its_key(staff: Visit, webhook: dict):
    page = staff.page
    staff.expected.add(500)
    keys: list[str] = []
    rotations = "**/rotate-secret"
    page.on("request", lambda request: request.url.endswith("/rotate-secret") and keys.append(
        request.headers["idempotency-key"]))
    page.goto(f"/console/webhooks/{webhook['id']}")
    refuse(page, rotations, {"type": "/problems/internal", "title": "No answer.", "status": 500, "code": "internal"})
    page.get_by_role("button", name="Rotate the secret").click()
    rotate = page.get_by_role("dialog").get_by_role("button", name="Rotate", exact=True)
    rotate.click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("No answer.")
    page.unroute_all()
    for _ in range(2):
        rotate.click()
        page.get_by_role("button", name="I have kept it").click()
        page.get_by_role("button", name="Rotate the secret").click()
    assert len(keys) == 3 and keys[0] == keys[1] != keys[2]


def delivery(number: int, state: str) -> dict:
    cause = {"cause": "status", "status": 503} if state == "failed" else {"cause": "unanswered", "status": None}
    return {"event": f"0.{number}.1", "type": "OrderPlaced", "state": state, "attempts": number, **cause,
            "first_at": "2026-11-29T08:00:00.000000Z", "due_at": None if state == "failed" else "2026-11-30T09:00:00.000000Z"}


def test_what_an_endpoint_has_not_taken_is_told_and_replayed(staff: Visit, webhook: dict):
    page = staff.page
    left = [delivery(7, "waiting"), delivery(8, "failed"), delivery(9, "failed")]
    asked = []

    def replay(route) -> None:
        asked.append(route.request.post_data_json)
        left[:] = [one for one in left if one["state"] == "waiting" or one["event"] != asked[-1].get("event", one["event"])]
        route.fulfill(status=202, json={"replayed": 1})

    page.route("**/deliveries", lambda route: route.fulfill(json={"data": left}))
    page.route("**/replay", replay)
    page.goto("/console/webhooks")
    row = page.get_by_role("row").filter(has_text=webhook["url"])
    expect(row).to_contain_text("2 failed")
    expect(row).to_contain_text("1 waiting")
    row.get_by_role("link").click()
    rows = page.get_by_role("region", name="Events that the endpoint has not taken").locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="0.8.1")).to_contain_text("It answered 503.")
    expect(rows.filter(has_text="0.7.1").get_by_role("button")).to_have_count(0)
    assert violations(page) == []
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Replay 0.8.1")).to_be_disabled()
    page.get_by_role("button", name="Enable").click()
    page.get_by_role("button", name="Replay 0.8.1").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Replay all that failed").click()
    expect(rows).to_have_count(1)
    assert asked == [{"event": "0.8.1"}, {}]


@pytest.mark.parametrize(("fault", "words"), (
    ("gone", "It answered 410"), ("failing", "It took nothing"), ("behind", "It was too far behind")))
def test_an_endpoint_that_the_shop_has_disabled_says_why(staff: Visit, webhook: dict, fault: str, words: str):
    page = staff.page
    disabled = {**webhook, "enabled": False, "fault": fault}
    page.route("**/api/v1/webhooks", lambda route: route.fulfill(json={"data": [disabled]}))
    page.goto("/console/webhooks")
    expect(page.get_by_role("row").filter(has_text=webhook["url"])).to_contain_text(words)


def test_the_events_on_offer_are_those_of_the_interface(staff: Visit):
    description = (PROJECT / "data/openapi.yaml").read_text()
    enum = re.search(r"\n    EventType:\n(?:      .*\n)*?      enum:\n((?:        - .*\n)+)", description)
    names = set(re.findall(r"\w+", enum.group(1)))
    page = staff.page
    page.goto("/console/webhooks")
    page.get_by_role("button", name="Add an endpoint").click()
    page.get_by_label("Only these events").first.check()
    boxes = page.locator(".event-types input")
    assert {box.get_attribute("value") for box in boxes.all()} == names


def test_staff_who_are_no_administrators_see_no_webhooks(visit: Visit):
    cluster = visit.cluster
    email, _ = cluster.customer()
    account = cluster.staff("GET", f"/api/v1/accounts?email={email}")["data"][0]["id"]
    cluster.staff("POST", f"/api/v1/accounts/{account}/role", {"role": "staff"})
    visit.log_in_as_staff(email, PASSWORD)
    page = visit.page
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    expect(page.get_by_role("link", name="Stock", exact=True)).to_have_count(1)
    expect(page.get_by_role("link", name="Webhooks", exact=True)).to_have_count(0)
    for path in ("/console/webhooks", "/console/webhooks/whk_0"):
        page.goto(path)
        expect(page.get_by_text("Webhooks are for administrators only.")).to_be_visible()
