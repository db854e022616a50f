"""Which ids lie in state files of this machine."""

import json
from pathlib import Path

import pytest

from provider_shim.api.local_states import held_locally


def state(path: Path, identifier: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    resource = {"type": "openai_thread", "instances": [{"attributes": {"id": identifier}}]}
    path.write_text(json.dumps({"version": 4, "resources": [resource]}, indent=2))


def backend(folder: Path, kind: str, **config: str) -> None:
    (folder / ".terraform").mkdir()
    text = json.dumps({"version": 3, "backend": {"type": kind, "config": config}})
    (folder / ".terraform" / "terraform.tfstate").write_text(text)


def test_the_states_of_all_workspaces_count(tmp_path: Path) -> None:
    state(tmp_path / "terraform.tfstate", "conv_1")
    state(tmp_path / "terraform.tfstate.d" / "prod" / "terraform.tfstate", "conv_2")

    held = held_locally(tmp_path, {})

    assert held is not None
    assert {"conv_1", "conv_2"} <= held
    assert "conv_3" not in held


def test_a_cdktf_stacks_state_lies_beside_cdktf_out(tmp_path: Path) -> None:
    stack = tmp_path / "cdktf.out" / "stacks" / "prod"
    stack.mkdir(parents=True)
    (tmp_path / "cdktf.out" / "manifest.json").write_text("{}")
    state(tmp_path / "terraform.prod.tfstate", "conv_1")

    assert "conv_1" in (held_locally(stack, {}) or ())
    assert "conv_1" in (held_locally(tmp_path, {}) or ())


def test_a_state_that_the_backend_names_is_found(tmp_path: Path) -> None:
    state(tmp_path / "elsewhere" / "my.state", "conv_1")
    backend(tmp_path, "local", path=str(tmp_path / "elsewhere" / "my.state"))

    assert "conv_1" in (held_locally(tmp_path, {}) or ())


@pytest.mark.parametrize("kind", ["s3", "cloud", "http"])
def test_a_state_elsewhere_is_not_known(tmp_path: Path, kind: str) -> None:
    state(tmp_path / "terraform.tfstate", "conv_1")  # of a time before
    backend(tmp_path, kind)

    assert held_locally(tmp_path, {}) is None


def test_nothing_is_held_before_there_is_a_state(tmp_path: Path) -> None:
    assert held_locally(tmp_path, {}) == frozenset()
