"""The scripts of this folder, each once and small."""

from collections.abc import Iterator

import pytest

from tests.faults.ground import Site, site


@pytest.fixture(scope="session")
def place() -> Iterator[Site]:
    """Return where Terraform runs; `terraform init` has run for all."""
    with site() as one:
        yield one
