"""Every page of the shop and of the console, with what is on it, and what a page may be told instead."""

import json
import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from conftest import Visit
from playwright.sync_api import Page, expect


def shop_places(visit: Visit) -> dict[str, str]:
    """Logs a customer in who has a cart and an order, and names the path of each page."""
    cluster = visit.cluster
    token = visit.log_in()
    visit.add("CF-ESPR-250")
    order = cluster.order(token, {"DEMO-MUG-BLUE": 2, "CF-ETHI-250": 1})
    return {
        "home": "/", "products": "/search", "category": "/search?category=Kitchen&sort=price_asc",
        "words": "/search?q=linen", "nothing": "/search?q=unobtainium",
        "product": f"/products/{cluster.product('DEMO-MUG-BLUE')['id']}",
        "shirt": f"/products/{cluster.product('TS-BAS-WHT-M')['id']}", "cart": "/cart", "checkout": "/checkout",
        "order": f"/orders/{order['id']}", "orders": "/orders", "account": "/account", "log-in": "/log-in",
        "register": "/register", "missing": "/products/x", "nowhere": "/no/such/page",
    }


def guest_places(visit: Visit) -> dict[str, str]:
    """Lets a guest order, who then has a cart again, and names the path of each page that a guest sees otherwise."""
    page = visit.check_out_as_guest("CF-ESPR-250")
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page.get_by_role("heading", name="Thank you, the order is placed")).to_be_visible()
    order = urlsplit(page.url).path
    visit.add("DEMO-MUG-BLUE")
    return {"cart": "/cart", "checkout": "/checkout", "order": order, "orders": "/orders", "account": "/account"}


def console_places(staff: Visit) -> dict[str, str]:
    """Leaves orders of several ends for staff who have logged in, and names the path of each page."""
    cluster = staff.cluster
    email, token = cluster.customer()
    order = cluster.order(token, {"DEMO-MUG-BLUE": 2, "CF-ETHI-250": 1})
    cluster.staff("POST", f"/api/v1/orders/{order['id']}/ship", {"tracking": "DHL 00340434161094042557"})
    cluster.staff("POST", f"/api/v1/orders/{order['id']}/refund", {"amount": 500})
    cluster.order(token, {"TEA-SENCHA": 1})
    customer = cluster.staff("GET", f"/api/v1/accounts?email={email}")["data"][0]["id"]
    product = cluster.product("TS-BAS-WHT-M")["id"]
    webhook = cluster.staff("POST", "/api/v1/webhooks", {"url": "https://hooks.example/in", "types": ["OrderPlaced"]})
    return {
        "today": "/console", "orders": "/console/orders", "order": f"/console/orders/{order['id']}",
        "products": "/console/products", "product": f"/console/products/{product}",
        "new-product": "/console/products/new", "import": "/console/products/import", "stock": "/console/stock",
        "sku": "/console/stock/DEMO-MUG-BLUE", "low-stock": "/console/low-stock", "customers": "/console/customers",
        "customer": f"/console/customers/{customer}", "events": "/console/events", "cluster": "/console/cluster",
        "webhooks": "/console/webhooks", "webhook": f"/console/webhooks/{webhook['id']}",
        "payments": "/console/payments", "missing": "/console/nothing", "interface": "/docs#placeOrder",
    }


# Waits for the pictures that are on their way; a page's policy lets no condition be evaluated again and again.
PICTURES = """Promise.all([...document.images].filter(image => !image.complete && image.loading !== 'lazy')
  .map(image => new Promise(done => { image.onload = image.onerror = done; })))"""


def settle(page) -> None:
    """Waits until a page shows what it was opened for; the console's event feed never ends."""
    expect(page.locator("#root [aria-busy=true], #root .skeleton")).to_have_count(0)
    page.evaluate(PICTURES)


# A refusal that no other node is asked about.
TOO_MANY = {"type": "/problems/rate_limited", "title": "Too many requests.", "status": 429, "code": "rate_limited"}


def refuse(page: Page, pattern: str | re.Pattern, problem: dict) -> None:
    """Answers requests with a problem until the page's routes are taken away."""
    page.route(pattern, lambda route: route.fulfill(
        status=problem["status"], content_type="application/problem+json", body=json.dumps(problem)))


def until(is_so: Callable[[], object], act: Callable[[], object]) -> None:
    """Acts until it is so, and for a minute at most."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end, "it is not so after a minute"
        act()
