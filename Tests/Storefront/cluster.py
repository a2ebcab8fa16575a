"""A cluster of three nodes that serves the storefront, with the demo catalogue, for the length of the tests."""

import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# So long a token of the administrator is used: less than it is good for.
TOKEN_SECONDS = 600
PASSWORD = "a fine sentence of a guest"
ADDRESS = {
    "name": "Ada Lovelace", "line1": "Hafenstraße 12", "city": "Hamburg", "postal_code": "20457", "country": "DE",
}


class Cluster:
    def __init__(self, binaries: Path, storefront: Path):
        self.program = binaries / "cloudretail"
        self.folder = Path(tempfile.mkdtemp(prefix="storefront-"))
        report = json.loads(self.run("up", "--storefront", storefront, "--rate-limits", "off", "--detach", "--json"))
        self.urls = [node["http"] for node in report["nodes"]]
        self.payments = report["payments"]
        self.administrator = report["administrator"]
        self.password = Path(report["password_file"]).read_text().strip()
        tokens = self.log_in()
        token_file = self.folder / "token.json"
        token_file.write_text(json.dumps(tokens))
        catalogue = self.folder / "catalogue.csv"
        shutil.copy(PROJECT / "data/demo-catalogue.csv", catalogue)
        subprocess.run(
            [self.program, "import", "catalogue", catalogue, "--url", self.urls[0], "--token-file", token_file],
            check=True, capture_output=True)

    def run(self, command: str, *arguments: object) -> str:
        done = subprocess.run(
            [self.program, "cluster", command, *map(str, arguments), "--base-dir", self.folder],
            check=True, capture_output=True, text=True)
        return done.stdout

    def end(self) -> None:
        self.run("down")
        shutil.rmtree(self.folder)

    def call(self, method: str, path: str, body: object = None, token: str | None = None, node: int = 0) -> dict:
        headers = {"Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.urls[node] + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def log_in(self) -> dict:
        """Logs the administrator in; the token is good for a quarter of an hour."""
        tokens = self.call("POST", "/api/v1/auth/login", {"email": self.administrator, "password": self.password})
        self.token, self.token_from = tokens["access_token"], time.monotonic()
        return tokens

    def staff(self, method: str, path: str, body: object = None) -> dict:
        if time.monotonic() - self.token_from > TOKEN_SECONDS:
            self.log_in()
        return self.call(method, path, body, self.token)

    def product(self, sku: str) -> dict:
        return self.call("GET", f"/api/v1/products?sku={sku}")["data"][0]

    def change(self, product: dict, **fields: object) -> None:
        """Puts other values in the place of some fields of a product, as a member of staff."""
        names = ("title", "description", "brand", "category", "attributes", "image_urls", "active", "variants")
        body = {name: product[name] for name in names}
        self.staff("PUT", f"/api/v1/products/{product['id']}", {**body, **fields})

    def payment_faults(self, faults: dict[str, object]) -> None:
        """Sets the payment simulator's fault switches, and all others back."""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(
            f"{self.payments}/faults", json.dumps(faults).encode(), headers, method="PUT")
        urllib.request.urlopen(request, timeout=20).close()

    def set_stock(self, sku: str, units: int) -> None:
        on_hand = self.staff("GET", f"/api/v1/inventory/{sku}")["on_hand"]
        body = {"on_hand": units, "expected": on_hand, "reason": "count"}
        self.staff("PUT", f"/api/v1/inventory/{sku}", body)

    def customer(self) -> tuple[str, str]:
        """A new customer's address and access token."""
        email = f"{uuid.uuid4().hex[:12]}@example.com"
        self.call("POST", "/api/v1/auth/register", {"email": email, "password": PASSWORD, "first_name": "Ada"})
        return email, self.call("POST", "/api/v1/auth/login", {"email": email, "password": PASSWORD})["access_token"]

    def orders(self, token: str) -> list[dict]:
        return self.call("GET", "/api/v1/orders", token=token)["data"]

    def order(self, token: str, units: dict[str, int], method: str | None = None) -> dict:
        """Places an order of so many units of each SKU."""
        items = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
        body = {"items": items, "shipping_address": ADDRESS, **({"payment_method": method} if method else {})}
        return self.call("POST", "/api/v1/orders", body, token)
