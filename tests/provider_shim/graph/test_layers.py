"""Layouts: nothing overlaps, things flow to the right, few lines cross."""

from collections.abc import Hashable
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from provider_shim.graph.layers import Borders, Gaps, Layout, Link, Size, layered

GAPS = Gaps(across=40, down=10)
BOX = Size(100, 50)


def laid_out(names: str, *flows: str) -> Layout:
    return layered(dict.fromkeys(names, BOX), [Link(flow[0], flow[1], 25, 25) for flow in flows], GAPS)


def overlapping(layout: Layout, sizes: dict[Hashable, Size]) -> list[tuple[Hashable, Hashable]]:
    def touch(one: Hashable, other: Hashable) -> bool:
        (x, y), (u, v) = layout.corners[one], layout.corners[other]
        return (
            x < u + sizes[other].width - 1e-6
            and u < x + sizes[one].width - 1e-6
            and y < v + sizes[other].height - 1e-6
            and v < y + sizes[one].height - 1e-6
        )

    return [(one, other) for one, other in combinations(sizes, 2) if touch(one, other)]


def test_nothing_is_nothing() -> None:
    assert laid_out("").size == Size(0, 0)


def test_a_chain_is_one_level_line() -> None:
    layout = laid_out("abc", "ab", "bc")

    assert layout.corners == {"a": (0, 0), "b": (140, 0), "c": (280, 0)}
    assert layout.routes == [[(100, 25), (140, 25)], [(240, 25), (280, 25)]]
    assert layout.size == Size(380, 50)


def test_what_feeds_something_stands_right_before_it() -> None:
    corners = laid_out("abcd", "ab", "bc", "dc").corners

    assert corners["d"][0] == corners["b"][0]


def test_lines_that_need_not_cross_do_not() -> None:
    corners = laid_out("abcdef", "af", "be", "cd").corners

    assert [corners[each][1] for each in "abc"] == [corners[each][1] for each in "fed"]


def test_lines_into_one_thing_come_in_the_order_in_which_they_arrive() -> None:
    links = [Link("a", "c", 25, 40), Link("b", "c", 25, 10)]
    corners = layered(dict.fromkeys("abc", BOX), links, GAPS).corners

    assert corners["b"][1] < corners["a"][1]


def test_a_line_goes_around_what_stands_between_its_ends() -> None:
    layout = laid_out("abc", "ab", "bc", "ac")
    (_, begin, end, _) = layout.routes[2]

    assert begin[1] == end[1]
    assert not layout.corners["b"][1] <= begin[1] <= layout.corners["b"][1] + BOX.height


def test_what_hangs_on_nothing_stands_in_rows_below() -> None:
    layout = laid_out("abcdef", "ab")

    assert layout.corners["c"] == (0, 60)
    assert layout.corners["d"] == (140, 60)
    assert layout.corners["e"] == (0, 120)


def test_a_circle_and_a_loop_are_drawn_all_the_same() -> None:
    layout = laid_out("abc", "ab", "bc", "ca", "aa")

    assert layout.corners["a"][0] < layout.corners["b"][0] < layout.corners["c"][0]
    assert layout.routes[2] == [(380, layout.routes[2][0][1]), (0, layout.routes[2][1][1])]


def test_borders_have_a_column_of_their_own() -> None:
    sizes: dict[Hashable, Size] = {"a": BOX, "b": BOX, "in": Size(0, 0), "out": Size(0, 0)}
    links = [Link("in", "b", 0, 25), Link("a", "out", 25, 0), Link("a", "b", 25, 25)]
    layout = layered(sizes, links, GAPS, Borders(["in"], ["out"], 14))

    assert layout.corners["in"][0] == 0
    assert layout.corners["a"][0] == 14
    assert layout.corners["out"][0] == layout.corners["b"][0] + 100 + 14 == layout.size.width


def test_a_link_gets_the_room_that_it_asks_for_and_things_fill_their_column() -> None:
    sizes: dict[Hashable, Size] = {"wide": Size(200, 50), "narrow": BOX, "end": BOX}
    links = [Link("wide", "end", 25, 25, room=150), Link("narrow", "end", 25, 25)]
    layout = layered(sizes, links, GAPS, fill=True)

    assert layout.corners["end"][0] == 350
    assert layout.widths["narrow"] == 200
    assert layout.routes[1][0][0] == 200


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.data())
def test_whatever_flows_nothing_overlaps_and_all_is_within_the_size(number: int, data: st.DataObject) -> None:
    heights = data.draw(st.lists(st.integers(10, 90), min_size=number, max_size=number))
    sizes: dict[Hashable, Size] = {each: Size(40 + each, height) for each, height in enumerate(heights)}
    ends = st.integers(0, number - 1)
    flows = data.draw(st.lists(st.tuples(ends, ends), max_size=20))
    layout = layered(sizes, [Link(one, other, 5, 5) for one, other in flows], GAPS)

    assert overlapping(layout, sizes) == []
    assert len(layout.routes) == len(flows)
    assert all(x >= 0 and y >= 0 for x, y in layout.corners.values())
    assert max(y + sizes[each].height for each, (_, y) in layout.corners.items()) <= layout.size.height + 1e-6
    assert max(x + sizes[each].width for each, (x, _) in layout.corners.items()) <= layout.size.width + 1e-6
