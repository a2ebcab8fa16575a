"""What holds for every page of the console, as for those of the shop."""

from conftest import Visit
from places import console_places
from test_pages import comes_back, faults_of


def test_axe_finds_nothing_on_any_page_of_the_console(staff: Visit):
    staff.expected.update({404, 422})
    found = {name: faults_of(staff.page, path) for name, path in console_places(staff).items()}
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_back_and_reload_lead_to_the_same_page_of_the_console(staff: Visit):
    staff.expected.update({404, 422})
    places = console_places(staff)
    assert {name: path for name, path in places.items() if not comes_back(staff.page, path, "/console/orders?status=PAID")} == {}
