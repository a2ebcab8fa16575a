"""What holds for every page of the console, as for those of the shop."""

from conftest import Visit
from places import console_places
from test_pages import faults_of


def test_axe_finds_nothing_on_any_page_of_the_console(staff: Visit):
    staff.expected.update({404, 422})
    found = {name: faults_of(staff.page, path) for name, path in console_places(staff).items()}
    assert {name: faults for name, faults in found.items() if faults} == {}
