"""Whatever way Python has to say it: what arrives at Terraform."""

from pathlib import Path
from typing import Any, cast

from provider_shim.contract.thread import THREAD
from tests.support.cdktf_project import CdktfProject

PROGRAM = """
import dataclasses

from cdktf import App, Fn, TerraformStack, TerraformVariable, Token
from cdktf_openai_thread import OpenaiProvider, Thread


@dataclasses.dataclass
class Said:
    role: str
    content: str
    metadata: dict | None = None


app = App()
stack = TerraformStack(app, "values")
OpenaiProvider(stack, "openai", base_url="sqlite:threads.db")
key = TerraformVariable(stack, "key", type="string", default="team").string_value
number = TerraformVariable(stack, "number", type="number", default=7).number_value
pairs = TerraformVariable(stack, "pairs", type="map(string)", default={"x": "y"}).value
names = TerraformVariable(stack, "names", type="list(string)", default=["file_search"]).value
given = TerraformVariable(stack, "given", type="any", default=[{"role": "user", "content": "Hi"}]).value

Thread(stack, "keys", metadata={key: "a", f"{key}_2": number, "n": 5, "pi": 3.5, "yes": True})
Thread(
    stack,
    "texts",  # tokens of texts in the place of a map and of lists
    metadata=Token.as_string(pairs),
    tools=Token.as_string(names),
    messages=Token.as_string(given),
)
Thread(stack, "element", messages=[Token.as_string(Fn.element(given, 0)), {"role": "user", "content": key}])
Thread(stack, "merged", metadata=Token.as_string_map(Fn.merge([pairs, {"own": "1"}])))
Thread(
    stack,
    "python",
    messages=(Said("user", "Costs ${x}"), Said("user", f"%{{if}} {key}", {"b": "c"})),
    tools=frozenset({"file_search"}),
)
app.synth()
"""


def message(content: str, **more: object) -> dict[str, object]:
    messages = cast("Any", THREAD.attributes["messages"].type)
    nothing = dict.fromkeys(messages.element.attributes)
    return {**nothing, "role": "user", "content": content, **more}


def test_every_way_to_say_it_arrives(tmp_path: Path) -> None:
    stack = CdktfProject(tmp_path / "a project").write(PROGRAM).synth().stack("values")

    stack.run("init")
    stack.plan()
    planned = {
        each["name"]: each["values"] for each in stack.planned()["planned_values"]["root_module"]["resources"]
    }

    assert planned["keys"]["metadata"] == {"team": "a", "team_2": "7", "n": "5", "pi": "3.5", "yes": "true"}
    assert planned["texts"]["metadata"] == {"x": "y"}
    assert planned["texts"]["tools"] == ["file_search"]
    assert planned["texts"]["messages"] == [message("Hi")]
    assert planned["element"]["messages"] == [message("Hi"), message("team")]
    assert planned["merged"]["metadata"] == {"own": "1", "x": "y"}
    assert planned["python"]["messages"] == [
        message("Costs ${x}"),
        message("%{if} team", metadata={"b": "c"}),
    ]
    assert planned["python"]["tools"] == ["file_search"]
