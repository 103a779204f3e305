"""The geometry of the ring: what it shows is what it was told."""

import re
from xml.etree import ElementTree

import pytest

from peerhub.common import ring
from peerhub.common.ring import Fill

FILLS = ring.fills([(6, 6), (7, 8), (3, 5), (6, 6), (0, 5)], now=3)


def classes(svg: str) -> list[str]:
    return [part.get("class", "") for part in ElementTree.fromstring(svg)]


def test_fill_says_done_only_when_everything_is():
    assert ring.fill(8, 8) == Fill(100, "done")
    assert ring.fill(999, 1000) == Fill(99, "part")


def test_fill_shows_a_sliver_for_the_first_task():
    assert ring.fill(1, 1000) == Fill(1, "part")


def test_fill_of_a_stage_that_asks_nothing_is_empty():
    assert ring.fill(0, 0) == Fill(0, "none")
    assert ring.fill(0, 5, now=True) == Fill(0, "now")


def test_fills_mark_the_stage_you_are_in():
    assert [one.state for one in FILLS] == ["done", "part", "now", "done", "none"]
    assert [one.percent for one in FILLS] == [100, 88, 60, 100, 0]


@pytest.mark.parametrize(
    ("size", "values", "stages", "contexts"),
    [("full", 10, 5, 3), ("mark", 10, 5, 3), ("ctx", 0, 0, 3), ("mini", 0, 5, 3)],
)
def test_ring_draws_every_arc_of_its_size(size, values, stages, contexts):
    drawn = classes(ring.ring(size, stages=FILLS))
    assert sum("ph-ring__v" in one for one in drawn) == values
    assert sum("ph-ring__track" in one for one in drawn) == stages
    assert sum("ph-ring__c" in one.split() for one in drawn) == contexts


def test_ring_lights_what_it_was_told():
    drawn = classes(ring.ring("full", contexts=[2], values=[1, 10], stages=FILLS))
    lit = [one for one in drawn if one.endswith("is-on")]
    assert lit == ["ph-ring__v is-on", "ph-ring__v is-on", "ph-ring__c is-on"]
    assert [one for one in drawn if "fill" in one] == [
        f"ph-ring__fill is-{state}" for state in ("done", "part", "now", "done")
    ]


def test_ring_with_a_title_is_an_image_and_escapes_it():
    svg = ring.ring("full", title="Health of <b>PASS</b>", desc="23 of 30", big="77%", small="23 & 30")
    assert 'role="img"' in svg
    assert "<title>Health of &lt;b&gt;PASS&lt;/b&gt;</title><desc>23 of 30</desc>" in svg
    assert "23 &amp; 30" in svg


def test_ring_without_a_title_is_decoration():
    assert 'aria-hidden="true"' in ring.ring("ctx", contexts=[1])


def test_ring_refuses_other_than_five_stages():
    with pytest.raises(ValueError, match="five"):
        ring.ring("full", stages=FILLS[:4])


def test_ring_carries_no_inline_style():
    assert "style" not in ring.ring("full", stages=FILLS) + ring.strip(FILLS, "x")


def test_sector_starts_at_twelve_o_clock_and_turns_clockwise():
    path = ring.sector(180, 104, 153, 0, 72, 8)
    x, y = map(float, re.match(r"M([\d.]+) ([\d.]+)", path).groups())
    assert (round(x), round(y)) == (184, 27)  # half a gap to the right of the top


def test_strip_fills_each_segment_by_its_share():
    widths = re.findall(r'is-(?:done|part|now)" x="[\d.]+" y="0" width="([\d.]+)"', ring.strip(FILLS, "Stages"))
    assert [float(one) for one in widths] == [18.4, 16.19, 11.04, 18.4]


def test_strip_escapes_its_label():
    assert 'aria-label="&lt;x&gt; &quot;y&quot;"' in ring.strip(FILLS, '<x> "y"')
