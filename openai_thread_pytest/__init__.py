"""The pytest plugin of cdktf-openai-thread: fixtures for stacks and for applications on them.

pytest loads it where the package is installed, in suites that have no use for it as well. So it imports
nothing before a test asks for a fixture.
"""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from openai import OpenAI

    from cdktf_openai_thread.testing import Conversation
    from provider_shim.local.server import Server


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes snapshots anew."""
    parser.getgroup("openai-thread").addoption(
        "--openai-thread-update",
        action="store_true",
        help="write the snapshots of stacks anew instead of comparing with them",
    )


@pytest.fixture
def openai_thread_model() -> str:
    """What answers responses: override it with the path of a script, or the URL of an engine."""
    return "echo"


@pytest.fixture
def openai_thread_server(tmp_path: "Path", openai_thread_model: str) -> "Iterator[Server]":
    """Serve an empty database while the test runs: for Terraform, for the application, with faults."""
    from provider_shim.local.server import Server  # noqa: PLC0415 - see the module's text

    with Server(tmp_path / "threads.db", openai_thread_model) as server:
        yield server


@pytest.fixture
def openai_thread_environment(
    openai_thread_server: "Server", monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Send every OpenAI SDK of this test to the server, those of subprocesses included."""
    for name, value in openai_thread_server.environment.items():
        monkeypatch.setenv(name, value)
    return openai_thread_server.environment


@pytest.fixture
def openai_thread_client(openai_thread_server: "Server") -> "Iterator[OpenAI]":
    """Use the server with the OpenAI SDK, which repeats nothing by itself."""
    from openai import OpenAI  # noqa: PLC0415 - see the module's text

    with OpenAI(base_url=openai_thread_server.base_url, api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture
def openai_thread_script(openai_thread_server: "Server") -> "Callable[..., None]":
    """Call it with the entries of a script, or with its path: so are responses answered from then on."""
    return openai_thread_server.script


@pytest.fixture
def openai_thread_deployed(
    openai_thread_server: "Server", tmp_path: "Path"
) -> "Callable[..., dict[str, Conversation]]":
    """Call it with a stack: it is deployed to the server, and its conversations come back.

    A second call with a stack of the same name is its second deploy.
    """

    def deployed(stack: Any, *, variables: dict[str, Any] | None = None) -> "dict[str, Conversation]":  # noqa: ANN401 - cdktf is not imported yet
        from cdktf_openai_thread import testing  # noqa: PLC0415 - see the module's text

        folder = tmp_path / f"stack-{stack.node.id}"
        folder.mkdir(exist_ok=True)
        return testing.deployed(stack, folder, variables=variables, base_url=openai_thread_server.base_url)

    return deployed


@pytest.fixture
def openai_thread_snapshot(request: pytest.FixtureRequest) -> "Callable[..., None]":
    """Call it with a stack: it has to synthesize to what ``__snapshots__`` beside the test says."""

    def compared(stack: Any, name: str | None = None) -> None:  # noqa: ANN401 - as above
        from cdktf_openai_thread import testing  # noqa: PLC0415 - see the module's text

        said = "".join(one if one.isalnum() or one in "._-" else "_" for one in name or request.node.name)
        path = request.path.parent / "__snapshots__" / request.path.stem / f"{said}.json"
        testing.assert_snapshot(stack, path, update=request.config.getoption("--openai-thread-update"))

    return compared
