"""The picture of the cluster: everything in it is seen, however many nodes and shards there are."""

import pytest
from conftest import Visit
from playwright.sync_api import expect

# What cannot be read in the picture: texts outside of the frame, in too small letters, or with something over them.
UNREADABLE = """(() => {
  const frame = document.querySelector('.picture-frame').getBoundingClientRect();
  const box = element => element.getBoundingClientRect();
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const texts = [...document.querySelectorAll('svg.cluster text')];
  const shapes = [...document.querySelectorAll('svg.cluster :is(.replica rect, .crown circle)')];
  return texts.flatMap(text => {
    const at = box(text);
    const size = parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a;
    const others = text.matches('.mark') ? texts : [...texts, ...shapes];
    const over = others.find(other => other !== text && meet(at, box(other)));
    const faults = [];
    if (at.left < frame.left || at.right > frame.right) faults.push('outside');
    if (size < 10) faults.push(`${size} pixels`);
    if (over) faults.push(`under ${over.textContent || over.getAttribute('class') || over.tagName}`);
    return faults.map(fault => `${text.textContent}: ${fault}`);
  });
})()"""


def cluster_of(url: str, nodes: int, shards: int, look: int) -> dict:
    """A busy cluster at one look after the other, whose last node is not heard of."""
    load = {
        "uptime_ms": 1_000 * look, "requests": 1_234 * look, "commits": 900 * look, "commit_wait_us": 11_100_000 * look}

    def role(node: int, shard: int) -> str:
        return "unknown" if node == nodes else "leader" if node == leader(shard) else "follower"

    def leader(shard: int) -> int:
        return shard // 2 % (nodes - 1) + 1

    return {
        "nodes": [{"id": node, "http": url, "ready": node < nodes, "version": "1.0.0",
                   "load": load if node < nodes else None, "disk_full": False} for node in range(1, nodes + 1)],
        "shards": [{"id": shard, "leader": leader(shard), "term": 41 + shard, "nodes": [
            {"id": node, "role": role(node, shard), "committed": 90_000, "applied": 90_000 - 300 * node}
            for node in range(1, nodes + 1)]} for shard in range(shards)],
    }


@pytest.mark.parametrize("nodes", (3, 5))
@pytest.mark.parametrize("shards", (1, 4, 12))
def test_every_node_and_term_of_a_cluster_is_read_at_any_width(staff: Visit, nodes: int, shards: int):
    page = staff.page
    looks = iter(range(1, 1_000))
    url = staff.cluster.urls[0]
    page.route("**/api/v1/cluster", lambda route: route.fulfill(json=cluster_of(url, nodes, shards, next(looks))))
    page.goto("/console/cluster")
    picture = page.locator("svg.cluster")
    expect(picture.get_by_text("req/s")).to_have_count(nodes - 1)
    expect(picture.get_by_text("term 41")).to_be_visible()
    faults = []
    for width in (390, 820, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        expect(picture.get_by_text(f"Node {nodes}")).to_be_visible()
        faults += [f"{width}: {fault}" for fault in page.evaluate(UNREADABLE)]
    assert faults == []
