"""Which boxes and arrows a configuration becomes."""

from pathlib import Path
from typing import Any

from provider_shim.graph.cdktf_out import read
from provider_shim.graph.model import Picture
from provider_shim.graph.picture import picture
from tests.support.cdktf_out import write

REMOTE = "data.terraform_remote_state"


def drawn(folder: Path, *stacks: dict[str, Any]) -> Picture:
    return picture(read(write(folder, {f"stack{number}": each for number, each in enumerate(stacks)})))


def boxes(found: Picture) -> dict[str, str]:
    return {f"{box.kind}.{box.name}": box.note for box in found.boxes}


def arrows(found: Picture) -> set[tuple[str, str, str]]:
    return {
        (found.boxes[arrow.source].name, found.boxes[arrow.target].name, arrow.label)
        for arrow in found.arrows
    }


def test_the_second_line_says_what_is_in_a_box(tmp_path: Path) -> None:
    found = drawn(
        tmp_path,
        {
            "resource": {
                "openai_thread": {
                    "silent": {"metadata": {"a": "b"}},
                    "one": {"messages": [{"role": "user", "content": "Hello"}]},
                    "two": {"messages": [{}, {}]},
                    "late": {"messages": "${var.messages}"},
                    "set": {"for_each": {"a": {}, "b": {}, "c": {}}},
                    "each": {"for_each": "${var.tenants}"},
                    "count": {"count": 3},
                    "late_count": {"count": "${var.number}"},
                },
                "openai_file": {
                    "text": {"content": "x", "filename": "returns.md"},
                    "path": {"file": "assets/x/metrics.csv"},
                    "late": {"file": "${path.module}/a.csv"},
                },
                "openai_vector_store": {"store": {"file_ids": ["file-1"]}, "empty": {}},
                "openai_message": {"hello": {"role": "assistant"}},
            },
        },
    )

    assert boxes(found) == {
        "openai_thread.silent": "no messages",
        "openai_thread.one": "1 message",
        "openai_thread.two": "2 messages",
        "openai_thread.late": "messages known at deploy",
        "openai_thread.set": "3 threads",
        "openai_thread.each": "one for each of var.tenants",
        "openai_thread.count": "3 threads",
        "openai_thread.late_count": "as many as var.number",
        "openai_file.text": "returns.md",
        "openai_file.path": "metrics.csv",
        "openai_file.late": "",
        "openai_vector_store.store": "1 file",
        "openai_vector_store.empty": "no files",
        "openai_message.hello": "assistant",
    }
    assert [box.name for box in found.boxes if box.pile] == ["set", "each", "count", "late_count"]


def test_of_other_providers_only_what_touches_ours_is_drawn_and_the_rest_counted(tmp_path: Path) -> None:
    found = drawn(
        tmp_path,
        {
            "variable": {"tenants": {}, "unused": {}},
            "locals": {"names": "${keys(var.tenants)}"},
            "data": {"aws_ssm_parameter": {"greeting": {}}},
            "module": {"queue": {"source": "sqs/aws", "name": "${openai_thread.desk.id}"}},
            "resource": {
                "aws_vpc": {"main": {}},
                "aws_subnet": {"inner": {"vpc_id": "${aws_vpc.main.id}"}},
                "aws_lambda_function": {"bot": {"environment": {"THREAD": "${openai_thread.desk.id}"}}},
                "openai_thread": {
                    "desk": {
                        "for_each": "${toset(local.names)}",
                        "messages": [{"content": "${data.aws_ssm_parameter.greeting.value} aws_vpc.main.id"}],
                    }
                },
            },
        },
    )

    assert boxes(found) == {
        "aws_lambda_function.bot": "",
        "openai_thread.desk": "one for each of toset(local.names)",
        "data.aws_ssm_parameter.greeting": "",
        "module.queue": "sqs/aws",
        "variable.tenants": "",
    }
    assert arrows(found) == {
        ("desk", "bot", ""),
        ("desk", "queue", ""),
        ("greeting", "desk", ""),
        ("tenants", "desk", "for each"),
    }
    assert found.stacks[0].others == 2


def test_what_another_stack_publishes_flows_from_where_it_comes_from(tmp_path: Path) -> None:
    backend = {"s3": {"bucket": "b", "key": "shared"}}
    found = drawn(
        tmp_path,
        {
            "terraform": {"backend": backend},
            "resource": {"openai_vector_store": {"handbook": {}}},
            "output": {
                "cross-stack-output-handbook": {"value": "${openai_vector_store.handbook.id}"},
                "handbook_id": {"value": "${openai_vector_store.handbook.id}"},
            },
        },
        {
            "data": {
                "terraform_remote_state": {
                    "by_backend": {"backend": "s3", "config": backend["s3"]},
                    "cross-stack-reference-input-stack0": {"backend": "remote", "config": {}},
                    "elsewhere": {"backend": "s3", "config": {"key": "other"}},
                }
            },
            "resource": {
                "openai_thread": {
                    "a": {"metadata": {"x": f"${{{REMOTE}.by_backend.outputs.handbook_id}}"}},
                    "b": {
                        "metadata": {
                            "x": f"${{{REMOTE}.cross-stack-reference-input-stack0"
                            ".outputs.cross-stack-output-handbook}"
                        }
                    },
                    "c": {"metadata": {"x": f"${{{REMOTE}.elsewhere.outputs.x}}"}},
                    "d": {"metadata": {"x": f"${{{REMOTE}.by_backend.outputs.gone}}"}},
                }
            },
        },
    )

    assert arrows(found) == {
        ("handbook", "handbook_id", ""),
        ("handbook", "a", ""),
        ("handbook", "b", ""),
        ("elsewhere", "c", ""),
    }
    assert "output.cross-stack-output-handbook" not in boxes(found)
    assert [stack.others for stack in found.stacks] == [0, 0]


def test_two_ways_between_two_boxes_are_one_arrow_and_order_gives_way_to_flow(tmp_path: Path) -> None:
    found = drawn(
        tmp_path,
        {
            "resource": {
                "openai_file": {"a": {}, "b": {}},
                "openai_thread": {
                    "t": {
                        "depends_on": ["openai_file.a", "openai_file.b"],
                        "messages": [{"attachments": [{"file_id": "${openai_file.a.id}"}]}],
                        "tool_resources": {"code_interpreter": {"file_ids": ["${openai_file.a.id}"]}},
                    }
                },
            }
        },
    )

    assert arrows(found) == {("a", "t", "attached, code interpreter"), ("b", "t", "")}
    assert [arrow.order_only for arrow in found.arrows] == [False, True]


def test_shapes_that_no_synth_writes_do_no_harm(tmp_path: Path) -> None:
    strange: list[Any] = [
        {"resource": [], "data": {"openai_thread": 3}, "output": {"x": None}, "terraform": []},
        {"resource": {"openai_thread": {"a": "text", "b": [1], "c": {"for_each": None, "messages": {}}}}},
        {"data": {"terraform_remote_state": {"x": 1}}, "output": {"y": {"value": f"${{{REMOTE}.x.id}}"}}},
    ]
    found = drawn(tmp_path, *strange)

    assert set(boxes(found)) == {"openai_thread.a", "openai_thread.b", "openai_thread.c"}
