"""Every operation that is served, through the SDK; and the page of the docs that says so."""

import asyncio
from pathlib import Path

from provider_shim.local.app import create_app
from scripts.endpoints import PAGE, served, written
from tests.support.embedded_server import started, stopped
from tests.support.every_operation import walk_at, walk_in
from tests.support.openapi import operations


def test_the_synchronous_sdk_can_call_every_operation_over_http(tmp_path: Path) -> None:
    process, url = started(tmp_path / "threads.db")
    try:
        called = walk_at(url)
    finally:
        stopped(process)

    assert called == set(operations())


def test_the_asynchronous_sdk_can_call_every_operation_in_process(tmp_path: Path) -> None:
    app = create_app(tmp_path / "threads.db")
    called = asyncio.run(walk_in(app))
    app.state.store.close()

    assert called == set(operations())


def test_all_of_openais_document_is_served(tmp_path: Path) -> None:
    assert set(served(tmp_path)) == set(operations())


def test_the_table_in_the_docs_is_up_to_date() -> None:
    assert PAGE.read_text() == written(), "run make reference"
