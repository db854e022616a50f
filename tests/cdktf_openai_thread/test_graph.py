"""What the constructs synthesize, as `openai-thread graph` draws it."""

from collections.abc import Callable
from pathlib import Path

import cdktf
import pytest

from cdktf_openai_thread import (
    DataOpenaiThread,
    File,
    Message,
    OpenaiProvider,
    Thread,
    ThreadSet,
    VectorStore,
)
from provider_shim.cli import main


@pytest.fixture
def app(tmp_path: Path) -> cdktf.App:
    return cdktf.App(outdir=str(tmp_path / "cdktf.out"))


@pytest.fixture
def drawn(app: cdktf.App, capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return what synthesizes the app and draws it."""

    def draw() -> str:
        app.synth()
        assert main(["graph", app.outdir]) == 0
        return capsys.readouterr().out

    return draw


def stack(app: cdktf.App, name: str) -> cdktf.TerraformStack:
    made = cdktf.TerraformStack(app, name)
    OpenaiProvider(made, "openai", base_url="sqlite:threads.db")
    return made


def test_files_flow_into_stores_and_threads_and_those_into_messages_and_outputs(
    app: cdktf.App, drawn: Callable[[], str]
) -> None:
    support = stack(app, "support")
    documents = [File(support, name, content=name, filename=f"{name}.md") for name in ("returns", "costs")]
    data = File(support, "orders", content="id\n1", filename="orders.csv")
    knowledge = VectorStore(support, "knowledge", files=documents)
    desk = Thread(support, "desk").say("user", "Hello").search(knowledge).attach(data)
    Message(support, "welcome", thread_id=desk.id, role="assistant", content="How can I help?")
    cdktf.TerraformOutput(support, "thread_id", value=desk.id)

    assert (
        drawn()
        == """\
flowchart LR
    subgraph stack0["support"]
        direction LR
        box0["openai_file<br/><b>costs</b><br/>costs.md"]
        box1["openai_file<br/><b>returns</b><br/>returns.md"]
        box2["openai_file<br/><b>orders</b><br/>orders.csv"]
        box3("openai_message<br/><b>welcome</b><br/>assistant")
        box4("openai_thread<br/><b>desk</b><br/>1 message")
        box5[("openai_vector_store<br/><b>knowledge</b><br/>2 files")]
        box6(["output<br/><b>thread_id</b>"])
    end
    box4 --> box3
    box2 -->|"code interpreter"| box4
    box5 -->|"file search"| box4
    box1 --> box5
    box0 --> box5
    box4 --> box6
"""
    )


def test_three_stacks_and_what_flows_between_them(app: cdktf.App, drawn: Callable[[], str]) -> None:
    shared, support, reports, last = (stack(app, name) for name in ("shared", "support", "reports", "last"))
    handbook = VectorStore(shared, "handbook", file_ids=["file-1"])
    tenants = cdktf.TerraformVariable(support, "tenants", type="map(any)")
    desk = Thread(support, "desk").search(handbook)
    ThreadSet(support, "each", tenants)
    Thread(support, "three", count=cdktf.TerraformCount.of(3), depends_on=[desk])
    DataOpenaiThread(reports, "desk", id=desk.id)
    last.add_dependency(reports)

    assert (
        drawn()
        == """\
flowchart LR
    subgraph stack0["last"]
        direction LR
    end
    subgraph stack1["reports"]
        direction LR
        box0("data.openai_thread<br/><b>desk</b>")
    end
    subgraph stack2["shared"]
        direction LR
        box1[("openai_vector_store<br/><b>handbook</b><br/>1 file")]
    end
    subgraph stack3["support"]
        direction LR
        box2("openai_thread<br/><b>desk</b><br/>no messages")
        box3[["openai_thread<br/><b>three</b><br/>3 threads"]]
        box4[["openai_thread_set<br/><b>each</b><br/>threads known at deploy"]]
        box5{{"variable<br/><b>tenants</b>"}}
    end
    box2 --> box0
    box1 -->|"file search"| box2
    box2 -.-> box3
    box5 --> box4
    stack1 -.-> stack0
"""
    )


def test_two_hundred_threads_of_a_set_are_one_box(app: cdktf.App, drawn: Callable[[], str]) -> None:
    tenants = stack(app, "tenants")
    threads = ThreadSet(tenants, "threads", {f"t{each}": {"metadata": {"a": "b"}} for each in range(200)})
    cdktf.TerraformOutput(tenants, "ids", value=threads.ids)

    assert (
        drawn()
        == """\
flowchart LR
    subgraph stack0["tenants"]
        direction LR
        box0[["openai_thread_set<br/><b>threads</b><br/>200 threads"]]
        box1(["output<br/><b>ids</b>"])
    end
    box0 --> box1
"""
    )
