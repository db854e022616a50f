"""What a user gives becomes plain values, or one message for each mistake. No Node needed."""

import dataclasses
import itertools
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cdktf_openai_thread.synth.hcl import spelled
from cdktf_openai_thread.synth.tokens import is_token
from cdktf_openai_thread.synth.values import escaped, prepared, written
from provider_shim.contract.thread import THREAD
from tests.support.environment import engine

TOKEN = "${TfToken[TOKEN.3]}"
MESSAGE = {"role": "user", "content": "hello"}


@dataclasses.dataclass
class Message:
    role: str
    content: str
    metadata: dict[str, str] | None = None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"messages": (MESSAGE,)}, {"messages": [MESSAGE]}),
        ({"messages": [Message("user", "hello")]}, {"messages": [MESSAGE]}),
        ({"tools": {"file_search", "code_interpreter"}}, {"tools": ["code_interpreter", "file_search"]}),
        ({"tools": frozenset({"file_search"})}, {"tools": ["file_search"]}),
        ({"metadata": None, "messages": None, "tools": None}, {}),
        ({"messages": [{**MESSAGE, "metadata": None}]}, {"messages": [MESSAGE]}),
        ({"tool_resources": {"file_search": None}}, {"tool_resources": {}}),
        ({"metadata": {"a": 2**53}}, {"metadata": {"a": 2**53}}),
        ({"metadata": {"a": TOKEN * 100}}, {"metadata": {"a": TOKEN * 100}}),
        ({"metadata": {"&{TfToken[TOKEN.1]}": "x"}}, {"metadata": {"&{TfToken[TOKEN.1]}": "x"}}),
        ({"tools": ["#{TfToken[TOKEN.1]}"]}, {"tools": ["#{TfToken[TOKEN.1]}"]}),
        ({"messages": [{**MESSAGE, "role": TOKEN}]}, {"messages": [{**MESSAGE, "role": TOKEN}]}),
    ],
)
def test_every_python_way_to_say_it_becomes_plain(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert prepared(THREAD, given) == (expected, [], None)


ALLOWED = "Allowed: strings, numbers, booleans, dictionaries, dataclasses, lists, tuples, sets and tokens."
TEXT = 'Give a text: data.decode("utf-8").'


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"metadata": {"k": b"x"}}, f"metadata[\"k\"] is b'x' (bytes). {ALLOWED} {TEXT}"),
        (
            {"messages": [{**MESSAGE, "content": b"x"}]},
            f"messages[0].content is b'x' (bytes). {ALLOWED} {TEXT}",
        ),
        ({"messages": [Message]}, f"messages[0] is {Message!r:.60} (type). {ALLOWED}"),
        (
            {"metadata": {1: "x"}},
            "metadata has the key 1 (int). Allowed: keys that are strings. Put it in quotes.",
        ),
        (
            {"metadata": {"k": 2**53 + 1}},
            (
                'metadata["k"] is 9007199254740993. Allowed: whole numbers up to 2**53; beyond that cdktf '
                'changes the digits. Give it as a string: "…".'
            ),
        ),
        (
            {"metadata": {"k": float("nan")}},
            'metadata["k"] is nan. Allowed: finite numbers. Terraform has no other.',
        ),
        (
            {"metadata": {"k": float("inf")}},
            'metadata["k"] is inf. Allowed: finite numbers. Terraform has no other.',
        ),
        (
            {"metadata": {"a": "1", "b": None}},
            'metadata["b"] is null. Allowed: a string. Leave it out instead.',
        ),
        ({"retain_on_destroy": "yes"}, 'retain_on_destroy is a string ("yes"). Allowed: true or false.'),
    ],
)
def test_what_terraform_could_not_hold_gets_one_message(given: dict[str, Any], expected: str) -> None:
    assert [each.detail for each in prepared(THREAD, given).problems] == [expected]


def test_a_list_that_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    expected = (
        "messages is nested deeper than 20 levels. Allowed: messages as its type says. Look for a list or "
        "dictionary that contains itself."
    )

    assert [each.detail for each in prepared(THREAD, {"messages": endless}).problems] == [expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (TOKEN, True),
        (f"before {TOKEN}", True),
        (["#{TfToken[TOKEN.0]}"], True),
        ({"&{TfToken[TOKEN.0]}": "x"}, True),
        (-1.8881545897087626e289, True),
        ([-1.8881545897087626e289], True),
        ("${var.x}", False),
        (["a"], False),
        ([], False),
        ({}, False),
        ({"a": "b"}, False),
        (-1e9, False),
        (None, False),
    ],
)
def test_tokens_are_told_from_values(value: object, *, expected: bool) -> None:
    assert is_token(value) is expected


def test_only_what_a_person_wrote_is_escaped() -> None:
    values = prepared(
        THREAD,
        {
            "messages": [{"role": "user", "content": f"${{a}} %{{b}} {TOKEN}", "metadata": {"m": "${x.y}"}}],
            "metadata": {"expression": "${x.y}"},
        },
    ).values
    # Before a token cdktf would take $${ for the beginning of an expression.
    content = f'${{"$"}}{{a}} %%{{b}} {TOKEN}'

    assert written(THREAD, values) == {
        "messages": [{"role": "user", "content": content, "metadata": {"m": "${x.y}"}}],
        "metadata": {"expression": "${x.y}"},
    }


@pytest.mark.parametrize("name", ["metadata", "messages"])
def test_a_dollar_sign_before_a_token_stays(name: str) -> None:
    text, expected = f"pay ${TOKEN}, $${TOKEN}", f'pay ${{"$"}}{TOKEN}, ${{"$$"}}{TOKEN}'
    message = {"role": "user", "content": text}
    given: dict[str, Any] = {"metadata": {"price": text}, "messages": [message]}
    made: dict[str, Any] = {"metadata": {"price": expected}, "messages": [{**message, "content": expected}]}

    values = prepared(THREAD, {name: given[name]}).values
    assert written(THREAD, values) == {name: made[name]}


# --- read by the real Terraform ----------------------------------------------------------

PARTS = "$%{}"
TEXTS = ["".join(each) for length in range(1, 5) for each in itertools.product(PARTS, repeat=length)]
TEXTS += [
    'say "hi"\r\n\t\\ ${upper("x")} %{if true}',
    "[1]",
    '{"a": 1}',
    '"quoted"',
    "5",
    "\\n",
    "\N{SNOWMAN}",
    "~${~ a ~}",
]


def evaluated(folder: Path, name: str, text: str) -> list[str]:
    """Have Terraform evaluate the output `it`."""
    (folder / name).write_text(text)
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    environment.pop("TF_CLI_CONFIG_FILE", None)
    for arguments in (("apply", "-auto-approve", "-no-color"), ("output", "-json", "it")):
        done = subprocess.run(
            [engine(), *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def test_terraform_reads_escaped_text_as_it_was_written(tmp_path: Path) -> None:
    configuration = {"output": {"it": {"value": [escaped(text) for text in TEXTS]}}}

    assert evaluated(tmp_path, "main.tf.json", json.dumps(configuration)) == TEXTS


def test_hcl_spells_text_so_that_terraform_reads_it_as_it_was_written(tmp_path: Path) -> None:
    texts = spelled([escaped(text) for text in TEXTS])
    # As cdktf writes them: what holds an expression gets quotes, the others have them.
    lines = ",\n".join(f'"{each}"' if "${" in each else each for each in texts)

    assert evaluated(tmp_path, "main.tf", f'output "it" {{\n  value = [\n{lines}\n]\n}}\n') == TEXTS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", '"plain"'),
        ("5", '"5"'),
        ('${file("a}b")} "q"', '${file("a}b")} \\"q\\"'),
        ('${"a\\"}"}"', '${"a\\"}"}\\"'),
        (f'"{TOKEN}"', f'\\"{TOKEN}\\"'),
    ],
)
def test_hcl_leaves_expressions_alone(text: str, expected: str) -> None:
    assert spelled({"key": text, '"key"': "x"}) == {"key": expected, '\\"key\\"': '"x"'}
