"""Any number of threads as one resource."""

import json
import re
from pathlib import Path
from typing import Any

import cdktf
import pytest

from cdktf_openai_thread import ConfigurationError, IThread, OpenaiProvider, ThreadConfig, ThreadSet


@pytest.fixture
def stack() -> cdktf.TerraformStack:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "saas")
    OpenaiProvider(stack, "openai")
    return stack


def synthesized(stack: cdktf.TerraformStack) -> Any:
    return json.loads(cdktf.Testing.synth(stack))


def tenants(stack: cdktf.TerraformStack) -> Any:
    return synthesized(stack)["resource"]["openai_thread_set"]["tenants"]


def test_a_mapping_becomes_one_resource(stack: cdktf.TerraformStack) -> None:
    expected = {
        "threads": {
            "acme": {"metadata": {"tier": "gold"}, "messages": [{"role": "user", "content": "costs $${x}"}]},
            "userId 7": {"metadata": {"tierName": "free"}},
            "costs $${x}": {},
            "": {},
        },
        "parallelism": 50,
        "force_destroy": True,
    }

    ThreadSet(
        stack,
        "tenants",
        {
            "acme": {"metadata": {"tier": "gold"}, "messages": [{"role": "user", "content": "costs ${x}"}]},
            "userId 7": {"metadata": {"tierName": "free"}},
            "costs ${x}": {},
            "": {},
        },
        parallelism=50,
        force_destroy=True,
    )

    assert tenants(stack) == expected


def test_a_keyword_holds_for_threads_without_an_attribute_of_their_own(stack: cdktf.TerraformStack) -> None:
    expected = {
        "threads": {"acme": {"metadata": {"tier": "gold"}}, "globex": {"metadata": {"tier": "free"}}},
        "retain_on_destroy": True,
    }

    threads: dict[str, ThreadConfig] = {"acme": {"metadata": {"tier": "gold"}}, "globex": {}}
    ThreadSet(stack, "tenants", threads, metadata={"tier": "free"}, retain_on_destroy=True)

    assert tenants(stack) == expected


def test_a_variable_brings_the_threads(stack: cdktf.TerraformStack) -> None:
    variable = cdktf.TerraformVariable(stack, "given", type="map(any)")
    ThreadSet(stack, "tenants", variable, retain_on_destroy=False)

    assert tenants(stack) == {"threads": "${var.given}", "retain_on_destroy": False}


def test_what_the_threads_of_a_variable_share_is_merged_by_terraform(stack: cdktf.TerraformStack) -> None:
    variable = cdktf.TerraformVariable(stack, "given", type="map(any)")
    ThreadSet(
        stack, "tenants", variable, tools=["file_search"], messages=[{"role": "user", "content": "${x}"}]
    )

    written = synthesized(stack)
    [(name, shared)] = written["locals"].items()

    assert shared == {"tools": ["file_search"], "messages": [{"role": "user", "content": "$${x}"}]}
    assert written["resource"]["openai_thread_set"]["tenants"] == {
        "threads": (
            f"${{{{ for key, val in var.given: key => merge(local.{name}, "
            "{ for name, value in val : name => value if value != null }) }}"
        )
    }


def test_an_iterator_goes_through_what_the_deploy_knows(stack: cdktf.TerraformStack) -> None:
    expected = {
        "threads": (
            "${{ for each in [ for key, val in toset(var.names): { key = key, value = val }] : each.key => "
            '{"metadata" = {"name" = "${each.value}"}, "messages" = [{"role" = "user", '
            '"content" = "a \\"b\\"\\n${"$"}{x} ${each.value}"}]} }}'
        ),
        "retain_on_destroy": True,
    }

    names = cdktf.TerraformIterator.from_list(cdktf.TerraformVariable(stack, "names").list_value)
    ThreadSet(
        stack,
        "tenants",
        names,
        metadata={"name": cdktf.Token.as_string(names.value)},
        messages=[{"role": "user", "content": f'a "b"\n${{x}} {cdktf.Token.as_string(names.value)}'}],
        retain_on_destroy=True,
    )

    assert tenants(stack) == expected


def test_the_tools_of_a_thread_are_those_of_the_responses_api(stack: cdktf.TerraformStack) -> None:
    threads = ThreadSet(
        stack,
        "tenants",
        {"acme": {"tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}}}, "b": {}},
        tools=["code_interpreter", "file_search"],
    )
    known_later = ThreadSet(stack, "later", cdktf.TerraformVariable(stack, "given"))
    cdktf.TerraformOutput(stack, "tools", value=threads["acme"].response_tools)

    assert synthesized(stack)["output"]["tools"]["value"] == (
        '${jsonencode([{"type" = "code_interpreter", "container" = {"type" = "auto"}}, '
        '{"type" = "file_search", "vector_store_ids" = ["vs_1"]}])}'
    )
    with pytest.raises(ConfigurationError, match="be asked for its tools"):
        _ = known_later["acme"].response_tools


def test_no_threads_are_an_empty_mapping(stack: cdktf.TerraformStack) -> None:
    ThreadSet(stack, "tenants", {})

    assert tenants(stack) == {"threads": {}}


def test_threads_are_added_until_synth(stack: cdktf.TerraformStack) -> None:
    expected = {"acme": {"tools": ["file_search"]}, "globex": {"metadata": {"tier": "free"}}}

    threads = ThreadSet(stack, "tenants", {"acme": {"tools": ["code_interpreter"]}})
    threads.add("globex", metadata={"tier": "free"}).add("acme", tools=["file_search"])

    assert tenants(stack)["threads"] == expected


def test_one_thread_is_referred_to_by_its_key(stack: cdktf.TerraformStack) -> None:
    of_b = '${openai_thread_set.tenants.threads["a \\"b\\" $${c} ü😀"].message_ids}'
    expected = {
        "id": {"value": '${openai_thread_set.tenants.threads["acme"].id}'},
        "made": {"value": '${openai_thread_set.tenants.threads["acme"].created_at}'},
        "messages": {"value": of_b},
        "ids": {"value": "${openai_thread_set.tenants.ids}"},
    }

    threads = ThreadSet(stack, "tenants", {"acme": {}, 'a "b" ${c} ü😀': {}})
    cdktf.TerraformOutput(stack, "id", value=threads["acme"].thread_id)
    cdktf.TerraformOutput(stack, "made", value=threads["acme"].created_at)
    cdktf.TerraformOutput(stack, "messages", value=threads['a "b" ${c} ü😀'].message_ids)
    cdktf.TerraformOutput(stack, "ids", value=threads.ids)

    assert synthesized(stack)["output"] == expected
    assert isinstance(threads["acme"], IThread)


@pytest.mark.parametrize(
    ("key", "written", "reference"),
    [
        ("a\r${x}", 'a${"\\r"}$${x}', "a\\r$${x}"),
        ("a\rb{", 'a${"\\r"}b{', "a\\rb{"),
        ("\ufeffa", '${""}\ufeffa', "\ufeffa"),
        ("\b\f", "\b\f", "\b\f"),
        ("$", "$", "$"),
    ],
)
def test_a_key_is_the_same_where_it_is_given_and_referred_to(
    stack: cdktf.TerraformStack, key: str, written: str, reference: str
) -> None:
    threads = ThreadSet(stack, "tenants", {key: {}})
    cdktf.TerraformOutput(stack, "id", value=threads[key].id)

    assert list(tenants(stack)["threads"]) == [written]
    assert synthesized(stack)["output"]["id"]["value"] == (
        f'${{openai_thread_set.tenants.threads["{reference}"].id}}'
    )


def test_a_token_may_be_a_part_of_a_key(stack: cdktf.TerraformStack) -> None:
    region = cdktf.TerraformVariable(stack, "region", type="string").string_value
    key = f'${{a}} "b" {region}'

    threads = ThreadSet(stack, "tenants", {key: {}, region: {}})
    cdktf.TerraformOutput(stack, "part", value=threads[key].id)
    cdktf.TerraformOutput(stack, "all", value=threads[region].id)

    assert list(tenants(stack)["threads"]) == ['${"$"}{a} "b" ${var.region}', "${var.region}"]
    assert synthesized(stack)["output"] == {
        "part": {"value": '${openai_thread_set.tenants.threads["$${a} \\"b\\" ${var.region}"].id}'},
        "all": {"value": "${openai_thread_set.tenants.threads[var.region].id}"},
    }


def test_a_thread_that_is_a_token_gets_what_all_share(stack: cdktf.TerraformStack) -> None:
    acme: Any = cdktf.TerraformVariable(stack, "acme").value

    threads = ThreadSet(stack, "tenants", {"acme": acme, "globex": {}}, metadata={"tier": "free"})
    ThreadSet(stack, "others", {"acme": acme})

    assert tenants(stack)["threads"] == {
        "acme": (
            '${merge({"metadata" = {"tier" = "free"}}, '
            "{ for name, value in var.acme : name => value if value != null })}"
        ),
        "globex": {"metadata": {"tier": "free"}},
    }
    assert synthesized(stack)["resource"]["openai_thread_set"]["others"]["threads"] == {"acme": "${var.acme}"}
    with pytest.raises(ConfigurationError, match="be asked for its tools"):
        _ = threads["acme"].response_tools


def test_threads_that_are_put_later_get_what_all_share(stack: cdktf.TerraformStack) -> None:
    variable = cdktf.TerraformVariable(stack, "given").value
    threads = ThreadSet(stack, "tenants", {"acme": {}}, metadata={"tier": "free"}, tools=["file_search"])

    threads.put_threads({"acme": {}, "globex": {"metadata": {"tier": "gold"}}})
    threads["acme"].reset_tools()

    assert tenants(stack)["threads"] == {
        "acme": {"metadata": {"tier": "free"}},
        "globex": {"metadata": {"tier": "gold"}, "tools": ["file_search"]},
    }

    threads.put_threads(variable)
    threads.threads = variable

    [(name, shared)] = synthesized(stack)["locals"].items()
    assert shared == {"metadata": {"tier": "free"}, "tools": ["file_search"]}
    assert f"merge(local.{name}," in tenants(stack)["threads"]


def test_keys_that_were_replaced_collide_with_none(stack: cdktf.TerraformStack) -> None:
    threads = ThreadSet(stack, "tenants", {"e\u0301": {}})

    threads.put_threads({"\u00e9": {}})

    with pytest.raises(ConfigurationError, match="which Terraform takes for one"):
        threads.add("e\u0301")
    assert list(tenants(stack)["threads"]) == ["\u00e9"]
    threads.put_threads({})
    threads.add("e\u0301")
    assert list(tenants(stack)["threads"]) == ["e\u0301"]


def test_threads_can_not_be_taken_out(stack: cdktf.TerraformStack) -> None:
    threads = ThreadSet(stack, "tenants", {"acme": {}})

    with pytest.raises(ConfigurationError, match="threads is missing"):
        threads.threads = None


def test_another_stack_is_handed_the_ids_and_no_messages(tmp_path: Path) -> None:
    app = cdktf.App(outdir=str(tmp_path))
    saas, application = cdktf.TerraformStack(app, "saas"), cdktf.TerraformStack(app, "application")
    OpenaiProvider(saas, "openai")
    threads = ThreadSet(saas, "tenants", {"acme": {"messages": [{"role": "user", "content": "Hello"}]}})
    cdktf.TerraformOutput(application, "ids", value=threads.ids)
    cdktf.TerraformOutput(application, "acme", value=threads["acme"].id)

    app.synth()
    written = json.loads((tmp_path / "stacks" / "saas" / "cdk.tf.json").read_text())

    assert {each["value"] for each in written["output"].values()} == {
        "${openai_thread_set.tenants.ids}",
        '${openai_thread_set.tenants.threads["acme"].id}',
    }


def test_the_keys_are_those_of_the_mapping(stack: cdktf.TerraformStack) -> None:
    threads = ThreadSet(stack, "tenants", {"acme": {}, "globex": {}})

    assert list(threads) == ["acme", "globex"]
    assert len(threads) == 2
    assert "acme" in threads
    assert "initech" not in threads


def test_an_unknown_key_is_refused_with_the_nearest(stack: cdktf.TerraformStack) -> None:
    threads = ThreadSet(stack, "tenants", {"acme": {}, "globex": {}})

    said = '"glowbex" is no key of these threads. Allowed: "acme", "globex". Did you mean "globex"?'
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        threads["glowbex"]


def test_a_wrong_attribute_is_named_with_the_key_of_its_thread(stack: cdktf.TerraformStack) -> None:
    tenants: Any = {"acme": {}, "globex": {"messages": [{"role": "usr", "content": "Hi"}]}}

    with pytest.raises(ConfigurationError, match=re.escape('threads["globex"].messages[0].role')) as raised:
        ThreadSet(stack, "tenants", tenants)

    assert 'ThreadSet "saas/tenants"' in str(raised.value)


@pytest.mark.parametrize("given", ["acme", ["acme"], 7])
def test_what_is_no_mapping_is_refused(stack: cdktf.TerraformStack, given: Any) -> None:
    with pytest.raises(ConfigurationError, match="Allowed: a mapping from keys to threads"):
        ThreadSet(stack, "tenants", given)


def test_what_only_the_deploy_knows_is_not_listed(stack: cdktf.TerraformStack) -> None:
    threads = ThreadSet(stack, "tenants", cdktf.TerraformVariable(stack, "given"))

    with pytest.raises(ConfigurationError, match="no thread can be listed"):
        list(threads)

    with pytest.raises(ConfigurationError, match="no thread can be added"):
        threads.add("acme")
