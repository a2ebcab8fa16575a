"""Every page of the shop, with what is on it."""

from conftest import Visit


def shop_places(visit: Visit) -> dict[str, str]:
    """Logs a customer in who has a cart and an order, and names the path of each page."""
    cluster = visit.cluster
    token = visit.log_in()
    visit.add("CF-ESPR-250")
    items = [{"sku": "DEMO-MUG-BLUE", "quantity": 2}, {"sku": "CF-ETHI-250", "quantity": 1}]
    address = {
        "name": "Ada Lovelace", "line1": "Hafenstraße 12", "city": "Hamburg", "postal_code": "20457", "country": "DE",
    }
    order = cluster.call("POST", "/api/v1/orders", {"items": items, "shipping_address": address}, token)
    return {
        "home": "/", "products": "/search", "category": "/search?category=Kitchen&sort=price_asc",
        "words": "/search?q=linen", "nothing": "/search?q=unobtainium",
        "product": f"/products/{cluster.product('DEMO-MUG-BLUE')['id']}",
        "shirt": f"/products/{cluster.product('TS-BAS-WHT-M')['id']}", "cart": "/cart", "checkout": "/checkout",
        "order": f"/orders/{order['id']}", "orders": "/orders", "account": "/account", "log-in": "/log-in",
        "register": "/register", "missing": "/products/x",
    }
