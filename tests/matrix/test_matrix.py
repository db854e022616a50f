"""The quickstart is deployed, planned and destroyed by the framework's command, on each pair of versions."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, cast
from urllib.request import urlopen

import pytest

from tests.support.environment import ROOT, clean
from tests.support.remote_state import backend
from tests.support.supported import NOT, Row, pairwise

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(900)]
COMMANDS = {
    "cdktf": ROOT / "tools/cdktf/node_modules/.bin/cdktf",
    "cdktn": ROOT / "tools/cdktn/node_modules/.bin/cdktn",
}


BACKEND = """
import json
import os
from cdktf import HttpBackend, LocalBackend, PgBackend, S3Backend

((kind, config),) = json.loads(os.environ["BACKEND"]).items()
make, needed = {
    "local": (LocalBackend, ()),
    "http": (HttpBackend, ("address",)),
    "pg": (PgBackend, ("conn_str",)),
    "s3": (S3Backend, ("bucket", "key")),
}[kind]
make(stack, **{name: config[name] for name in needed})
for name, value in config.items():
    stack.add_override(f"terraform.backend.{kind}.{name}", value)
"""


@contextmanager
def s3(moto: Path, folder: Path) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Run a server like S3 on loopback; give the backend, which locks with a file, and its environment."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (folder / "s3.log").open("w") as log:
        server = subprocess.Popen(
            [str(moto / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log
        )
    try:
        until = time.monotonic() + 60
        while True:
            try:
                urlopen(f"{url}/moto-api/data.json", timeout=5).close()  # noqa: S310 - our own server
                break
            except OSError:
                assert server.poll() is None, (folder / "s3.log").read_text()
                assert time.monotonic() < until, (folder / "s3.log").read_text()
                time.sleep(0.2)
        create = "import boto3; boto3.client('s3', endpoint_url=%r).create_bucket(Bucket='states')" % url  # noqa: UP031 - braces
        environment = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        subprocess.run([str(moto / "python"), "-c", create], env={**os.environ, **environment}, check=True)
        config = {
            "bucket": "states",
            "key": "support.tfstate",
            "region": "us-east-1",
            "endpoints": {"s3": url},
            "use_path_style": True,
            "skip_credentials_validation": True,
            "skip_requesting_account_id": True,
            "skip_metadata_api_check": True,
            "skip_region_validation": True,
        }
        yield {"s3": config}, environment
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.parametrize("row", pairwise(), ids="-".join)
def test_the_quickstart_is_deployed_planned_and_destroyed(  # noqa: PLR0913, PLR0917 - each makes one value of the row
    row: Row,
    tmp_path: Path,
    python: Callable[[str, str], Path],
    node: Callable[[str], Path],
    terraform: Callable[[str], Path],
    request: pytest.FixtureRequest,
) -> None:
    engine = terraform(row.terraform)
    text = (ROOT / "examples/quickstart/main.py").read_text()
    text = text.replace('Quickstart(app, "quickstart")', f'stack = Quickstart(app, "quickstart")\n{BACKEND}')
    text = text.replace("from cdktf import", f"from {row.framework} import")
    (tmp_path / "main.py").write_text(text)
    settings = {
        "language": "python",
        "app": f'"{python(row.python, row.framework)}" main.py',
        "projectId": "matrix",
    }
    (tmp_path / "cdktf.json").write_text(json.dumps({**settings, "sendCrashReports": "false"}))
    if row.state == "s3":
        manager: Any = s3(request.getfixturevalue("moto"), tmp_path)
    else:
        manager = backend(cast("Literal['local', 'http', 'pg']", row.state))
    with manager as found:
        config, more = found if isinstance(found, tuple) else (found.config, found.environment)
        if row.state == "local":
            config = {"local": {"path": "../../../quickstart.tfstate"}}
        if row.state == "s3" and row.terraform != "1.8.4":
            config["s3"]["use_lockfile"] = True  # since Terraform 1.10
        environment = clean({"TERRAFORM_BINARY_NAME": str(engine), "BACKEND": json.dumps(config), **more})
        environment["PATH"] = f"{node(row.node)}{os.pathsep}{environment['PATH']}"

        def run(*arguments: str) -> str:
            done = subprocess.run(
                [str(COMMANDS[row.framework]), *arguments],
                cwd=tmp_path,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout + done.stderr

        deployed = run("deploy", "--auto-approve")
        again = run("diff")
        destroyed = run("destroy", "--auto-approve")

    assert re.search(r"Apply complete! Resources: \d+ added, 0 changed, 0 destroyed", deployed)
    assert "No changes." in again
    assert re.search(r"Destroy complete! Resources: \d+ destroyed", destroyed)


@pytest.mark.parametrize(("framework", "version"), sorted(NOT))
def test_what_is_named_as_not_possible_is_not(
    framework: str, version: str, node: Callable[[str], Path], tmp_path: Path
) -> None:
    shutil.copy(ROOT / "examples/quickstart/cdktf.json", tmp_path)
    path = f"{node(version)}{os.pathsep}{os.environ['PATH']}"
    command = [str(COMMANDS[framework]), "synth"]
    done = subprocess.run(
        command, cwd=tmp_path, env=clean({}) | {"PATH": path}, capture_output=True, check=False
    )

    assert done.returncode != 0
