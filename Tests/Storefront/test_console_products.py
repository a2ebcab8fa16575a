"""The catalogue: a change that meets another one, a new product, and a file that is taken in."""

import re
from pathlib import Path

from conftest import Visit
from playwright.sync_api import Page, expect


def open_product(staff: Visit, sku: str) -> dict:
    product = staff.cluster.product(sku)
    staff.page.goto(f"/console/products/{product['id']}")
    expect(staff.page.get_by_label("Title").first).to_have_value(product["title"])
    return product


def test_a_product_is_found_edited_and_saved(staff: Visit):
    page = staff.page
    page.goto("/console/products")
    page.get_by_label("Words or SKU").fill("rooibos")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name="Rooibos Orange").click()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_label("Price").fill("6.2.0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This is no price.")).to_be_visible()
    page.get_by_label("Price").fill("6.50")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The product is saved.")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.reload()
    expect(page.get_by_label("Price")).to_have_value("6.50")
    page.goto(f"/products/{staff.cluster.product('TEA-ROOIBOS')['id']}")
    expect(page.get_by_text("€6.50")).to_be_visible()


def test_a_change_that_meets_another_is_shown_beside_it_and_either_goes_on(staff: Visit):
    page = staff.page
    staff.expected.add(412)
    product = open_product(staff, "TEA-EARL")
    description = page.get_by_label("Description")
    description.fill("Mine")
    # The feed tells the page of the other change; without it the page learns of it when it saves.
    page.route("**/api/v1/events**", lambda route: route.abort())
    staff.cluster.change(product, description="Theirs")
    page.get_by_role("button", name="Save").click()
    conflict = page.get_by_role("alert", name="Conflict")
    expect(conflict).to_be_visible()
    row = conflict.get_by_role("row").filter(has_text="Description")
    expect(row.get_by_text("Mine")).to_be_visible()
    expect(row.get_by_text("Theirs")).to_be_visible()
    conflict.get_by_role("button", name="Go on with mine, over theirs").click()
    expect(description).to_have_value("Mine")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The product is saved.")).to_be_visible()
    assert staff.cluster.product("TEA-EARL")["description"] == "Mine"

    description.fill("Mine again")
    staff.cluster.change(product, description="Theirs again")
    expect(conflict).to_be_visible()
    conflict.get_by_role("button", name="Take the product as it is now").click()
    expect(description).to_have_value("Theirs again")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()


def test_a_product_is_created_with_variants_and_a_picture_and_its_faults_are_told(staff: Visit):
    page = staff.page
    staff.expected.update({409, 422})
    page.goto("/console/products")
    page.get_by_role("link", name="New product").click()
    page.get_by_label("Title").first.fill("Harbour bell")
    page.get_by_label("Category").fill("Home")
    page.get_by_role("textbox", name="Pictures").fill("https://images.example.com/hm-vase-22.jpg")
    page.get_by_label("SKU").fill("TEA-EARL")
    page.get_by_label("Price").fill("19.00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_label("SKU").fill("HM-BELL")
    page.get_by_role("button", name="Add a variant").click()
    page.get_by_label("SKU").nth(1).fill("HM-BELL-XL")
    page.get_by_label("Price").nth(1).fill("39")
    page.get_by_label("Attributes").last.fill("size=large")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1, name="Harbour bell")).to_be_visible()
    expect(page.get_by_role("img", name="Picture 1")).to_be_visible()
    page.get_by_role("link", name="Stock", exact=True).last.click()
    page.get_by_role("button", name="Receive", exact=True).click()
    page.get_by_role("dialog").get_by_label("Units").fill("4")
    page.get_by_role("dialog").get_by_role("button", name="Receive").click()
    expect(page.locator(".figure").filter(has_text="On hand")).to_contain_text("4")
    page.go_back()
    page.get_by_label("On sale").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Off sale", exact=True)).to_be_visible()


def choose(page: Page, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("input[type=file]").click()
    chooser.value.set_files(file)


def test_a_file_is_imported_with_progress_and_a_reason_for_each_bad_row(staff: Visit, tmp_path: Path):
    page = staff.page
    rows = ["sku,handle,title,price,currency,quantity"]
    rows += [f"IMP-{number:03},,Imported thing {number},{number}.50,EUR,7" for number in range(1, 121)]
    rows += ["IMP-BAD,,Without a price,cheap,EUR,1", "IMP SPACE\x07,,With a bell,1.00,EUR,1", "IMP-001,,Twice,1.00,EUR,1"]
    file = tmp_path / "things.csv"
    file.write_text("\n".join(rows))
    page.goto("/console/products")
    page.get_by_role("link", name="Import", exact=True).click()
    choose(page, file)
    expect(page.get_by_text("123 rows: 121 products can be imported, 2 rows cannot.")).to_be_visible()
    faults = page.get_by_role("table", name="Rows with the reasons")
    expect(faults.get_by_role("row").filter(has_text="IMP-BAD")).to_contain_text("“cheap” is no price in EUR")
    expect(faults.get_by_role("row").filter(has_text="124")).to_contain_text("stands in the file already")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("Done: 121 of 121 products")).to_be_visible(timeout=30_000)
    told = page.get_by_role("status").filter(has_text="created")
    expect(told).to_have_text(re.compile("120 created, 0 there already, 840 units received, 3 rows refused"))
    expect(faults.get_by_role("row").filter(has_text="123")).to_be_visible()
    assert staff.cluster.staff("GET", "/api/v1/inventory/IMP-120")["on_hand"] == 7

    choose(page, file)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(told).to_have_text(re.compile("0 created, 120 there already, 0 units received"), timeout=30_000)
    assert staff.cluster.staff("GET", "/api/v1/inventory/IMP-120")["on_hand"] == 7
    broken = tmp_path / "broken.csv"
    broken.write_text("name,cost\nThing,1.00\n")
    choose(page, broken)
    expect(page.get_by_role("alert").get_by_text("The first line names no column sku, title, price, currency.")).to_be_visible()
