"""The map of a for_each stands in a local: there Terraform evaluates it once."""

import json
from pathlib import Path
from typing import Any

import cdktf

from cdktf_openai_thread import OpenaiProvider, Thread
from provider_shim.graph.cdktf_out import read


def synthesized(folder: Path, iterator: cdktf.MapTerraformIterator) -> Any:
    app = cdktf.App(outdir=str(folder))
    stack = cdktf.TerraformStack(app, "saas")
    OpenaiProvider(stack, "openai")
    cdktf.TerraformLocal(stack, "other", "x")
    cdktf.TerraformVariable(stack, "given")
    Thread(stack, "tenants", for_each=iterator, metadata={"tier": cdktf.Token.as_string(iterator.value)})
    app.synth()
    return json.loads((folder / "stacks" / "saas" / "cdk.tf.json").read_text())


def test_a_literal_map_is_put_into_a_local(tmp_path: Path) -> None:
    tenants = {"acme": 'gold "é" ${x}', "globex": "free"}
    expected = {"other": "x", "for_each_of_openai_thread_tenants": tenants}

    written = synthesized(tmp_path, cdktf.TerraformIterator.from_map(tenants))
    [drawn] = read(tmp_path)

    assert written["locals"] == expected
    assert written["resource"]["openai_thread"]["tenants"]["for_each"] == (
        "${local.for_each_of_openai_thread_tenants}"
    )
    assert drawn.configuration["resource"]["openai_thread"]["tenants"]["for_each"] == tenants
    assert drawn.configuration["locals"] == {"other": "x"}


def test_an_expression_stays_where_it_is(tmp_path: Path) -> None:
    given = cdktf.TerraformIterator.from_map(cdktf.Token.as_any_map("${var.given}"))

    written = synthesized(tmp_path, given)

    assert written["locals"] == {"other": "x"}
    assert written["resource"]["openai_thread"]["tenants"]["for_each"] == "${var.given}"
