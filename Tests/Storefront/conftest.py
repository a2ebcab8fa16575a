"""One cluster and one browser for all tests; each test has a browser context of its own, watched for faults."""

import os
from pathlib import Path

import pytest
from cluster import PASSWORD, PROJECT, Cluster
from playwright.sync_api import Browser, Page, expect, sync_playwright

expect.set_options(timeout=15_000)
CHROMIUM = "/usr/lib/chromium/chromium"
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


def pytest_configure(config) -> None:
    config.addinivalue_line("markers", "share: the share of these tests that runs with all others of the project")


def new_cluster() -> Cluster:
    """Three nodes that serve the storefront which was built last."""
    binaries = Path(os.environ.get("CLOUDRETAIL_BINARIES", PROJECT / ".build/debug"))
    return Cluster(binaries, Path(os.environ.get("CLOUDRETAIL_STOREFRONT", PROJECT / ".build/storefront")))


@pytest.fixture(scope="session")
def cluster():
    cluster = new_cluster()
    yield cluster
    cluster.end()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """A visitor with a browser of their own, and what went wrong in it."""

    def __init__(self, browser: Browser, cluster: Cluster, **options):
        self.cluster = cluster
        self.context = browser.new_context(base_url=cluster.urls[0], locale="en-GB", **options)
        self.context.set_default_timeout(15_000)
        self.faults: list[str] = []
        # Answers that a test means to provoke, by status.
        self.expected: set[int] = set()
        self.page = self.tab()

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("console", lambda message: message.type == "error" and self.note(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.note(f"script: {error}"))
        page.on("response", lambda answer: answer.status >= 400 and self.note(f"{answer.status} {answer.url}"))
        return page

    def note(self, fault: str) -> None:
        if not any(str(status) in fault for status in self.expected):
            self.faults.append(fault)

    def log_in(self, page: Page | None = None) -> str:
        """Registers a customer, and logs in as that one. Their access token for the interface."""
        email, token = self.cluster.customer()
        self.log_in_as(email, page)
        return token

    def log_in_as(self, email: str, page: Page | None = None) -> None:
        page = page or self.page
        page.goto("/log-in")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Account")).to_be_visible()

    def log_in_as_staff(self, email: str | None = None, password: str | None = None) -> None:
        """Logs in to the console, as the administrator unless another account is named."""
        self.page.goto("/console")
        self.page.get_by_label("E-mail address").fill(email or self.cluster.administrator)
        self.page.get_by_label("Password").fill(password or self.cluster.password)
        self.page.get_by_role("button", name="Log in").click()

    def take_step(self, name: str, does: str, **fields: str) -> None:
        """Opens a dialog of the console by its button, fills it in by label, and does what it offers."""
        self.page.get_by_role("button", name=name, exact=True).click()
        dialog = self.page.get_by_role("dialog")
        for label, value in fields.items():
            dialog.get_by_label(label.replace("_", " ")).fill(value)
        dialog.get_by_role("button", name=does, exact=True).click()
        expect(dialog).to_have_count(0)

    def add(self, sku: str, page: Page | None = None) -> None:
        """Puts the first variant of the product that has a SKU in the cart."""
        page = page or self.page
        page.goto(f"/products/{self.cluster.product(sku)['id']}")
        page.get_by_role("button", name="Add to cart").click()
        expect(page.get_by_text("is in the cart")).to_be_visible()

    def check_out_as_guest(self, *skus: str) -> Page:
        """Goes to the checkout with one of each SKU, and says where the guest is reached."""
        for sku in skus:
            self.add(sku)
        self.page.goto("/checkout")
        self.page.get_by_label("E-mail").fill("guest@example.com")
        self.fill_address()
        return self.page

    def fill_address(self, page: Page | None = None) -> None:
        page = page or self.page
        for label, value in {
            "Name": "Ada Lovelace", "Street and number": "Hafenstraße 12", "Postal code": "20457", "Town": "Hamburg",
        }.items():
            page.get_by_label(label, exact=True).fill(value)


@pytest.fixture
def staff(visit):
    """A visitor who has logged in to the console as the administrator."""
    visit.log_in_as_staff()
    expect(visit.page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    return visit


@pytest.fixture
def visit(browser, cluster):
    visit = Visit(browser, cluster)
    yield visit
    visit.context.close()
    assert visit.faults == []
