"""What is alike is one box."""

from provider_shim.graph.folding import FULL, SHOWN_EACH, folded
from provider_shim.graph.model import Arrow, Box, Picture, Stack


def picture(boxes: list[Box], arrows: list[Arrow]) -> Picture:
    stacks = dict.fromkeys(box.stack for box in boxes)
    return Picture(tuple(map(Stack, stacks)), tuple(boxes), tuple(arrows))


def threads(number: int, stack: str = "s") -> list[Box]:
    return [Box(stack, "openai_thread", f"t{each}", "no messages") for each in range(number)]


def test_a_few_alike_are_shown_each() -> None:
    few = picture(threads(SHOWN_EACH), [])

    assert folded(few) == few


def test_one_more_is_a_pile_with_the_first_and_the_last_name_as_a_person_counts() -> None:
    (box,) = folded(picture(threads(SHOWN_EACH + 3), [])).boxes

    assert box == Box("s", "openai_thread", "t0 … t10", "11 threads", 11)


def test_threads_with_a_message_each_are_two_piles_and_one_arrow() -> None:
    number = 3_000
    messages = [Box("s", "openai_message", f"m{each}") for each in range(number)]
    arrows = [Arrow(each, number + each) for each in range(number)]
    found = folded(picture([*threads(number), *messages], arrows))

    assert [box.note for box in found.boxes] == ["3,000 threads", "3,000 messages"]
    assert found.arrows == (Arrow(0, 1),)


def test_what_has_other_neighbours_or_is_in_another_stack_stays_apart() -> None:
    boxes = [*threads(20), *threads(20, "other"), Box("s", "openai_vector_store", "handbook")]
    arrows = [Arrow(40, each, "file search") for each in range(10)]
    found = folded(picture(boxes, arrows))

    assert [(box.stack, box.note) for box in found.boxes] == [
        ("s", "10 threads"),
        ("s", "10 threads"),
        ("other", "20 threads"),
        ("s", ""),
    ]
    assert found.arrows == (Arrow(3, 0, "file search"),)


def test_a_crowded_stack_is_folded_by_type_whatever_its_arrows_say() -> None:
    # A tree: no thread is like another.
    number = 200
    arrows = [Arrow((each - 1) // 3, each, order_only=True) for each in range(1, number)]
    arrows += [Arrow(each, each + 1) for each in range(0, number - 1, 7)]
    found = folded(picture(threads(number), arrows))

    assert len(found.boxes) <= FULL
    assert sum(box.objects or 0 for box in found.boxes) == number


def test_what_is_many_already_counts_as_many() -> None:
    sets = [Box("s", "openai_thread", f"set{each}", "100 threads", 100) for each in range(9)]
    more = Box("s", "openai_thread", "set9", "one for each of var.names", None)
    known, unknown = folded(picture(sets, [])).boxes[0], folded(picture([*sets, more], [])).boxes[0]

    assert (known.note, known.objects) == ("900 threads", 900)
    assert (unknown.note, unknown.objects) == ("900 threads and more", None)
