"""The generated pages are those of the present contract, and no construct is without one."""

import re

import cdktf_openai_thread
from cdktf_openai_thread.synth.resource import DataSource, Resource
from provider_shim.resources.provider import OpenaiProvider
from scripts.reference.__main__ import REFERENCE, written
from scripts.reference.page import contracts
from tests.support.blocks import DOCS


def test_the_pages_are_what_make_reference_writes() -> None:
    differing = [path.name for path, text in written().items() if path.read_text() != text]

    assert differing == [], "run make reference"


def test_every_type_of_the_provider_has_a_page() -> None:
    provider = OpenaiProvider({})
    names = contracts()

    assert len(names) == 1 + len(provider.resources) + len(provider.data_sources)
    assert [each for each in names if not (REFERENCE / f"{each}.md").is_file()] == []


def test_every_public_construct_is_named_in_the_reference() -> None:
    text = "".join(path.read_text() for path in REFERENCE.glob("*.md"))
    public = {name: getattr(cdktf_openai_thread, name) for name in cdktf_openai_thread.__all__}
    constructs = [
        name
        for name, each in public.items()
        if isinstance(each, type) and issubclass(each, (Resource, DataSource))
    ]

    assert len(constructs) > 8
    assert [name for name in constructs if f"`{name}`" not in text] == []


def test_the_page_of_queries_names_each_list_with_what_can_be_asked() -> None:
    page = (DOCS / "how-to" / "query.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", page, re.MULTILINE)

    assert {name: re.findall(r"`(\w+)`", asked) for name, asked in rows} == {
        name: [*each.contract.attributes] for name, each in OpenaiProvider({}).lists.items()
    }
