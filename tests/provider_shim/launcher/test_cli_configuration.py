"""Which of the user's CLI configurations keep Terraform from the provider in the stack's folder."""

from pathlib import Path

import pytest

from provider_shim.launcher.cli_configuration import cli_configuration_warning
from provider_shim.launcher.mirror import SOURCE

OURS = f'filesystem_mirror {{\n path = "terraform.d/plugins"\n include = ["{SOURCE}"]\n}}\n'
WITHOUT_OURS = f'direct {{ exclude = ["{SOURCE}"] }}\n'

QUIET = {
    "nothing": "",
    "something else": 'plugin_cache_dir = "/tmp/cache"\ncredentials "app.terraform.io" { token = "x" }',
    "commented out": "# provider_installation {\n/*\nprovider_installation {\n}\n*/\n"
    "// provider_installation {",
    "as the warning says": f"provider_installation {{\n{OURS}{WITHOUT_OURS}}}",
    "on one line": f"provider_installation {{ {OURS} {WITHOUT_OURS} }}",
    "by pattern": 'provider_installation {\nfilesystem_mirror {\npath = "terraform.d/plugins"\n'
    'include = ["localhost/*/*"]\n}\ndirect { exclude = ["localhost/*/*"] }\n}',
    "direct for others only": f'provider_installation {{\n{OURS}direct {{ include = ["hashicorp/*"] }}\n}}',
    "a registry of OpenTofu for others": f"provider_installation {{\n{OURS}oci_mirror {{\n"
    'repository_template = "example.com/${namespace}/${type}"\ninclude = ["example.com/*/*"]\n}\n}',
    "developed": f'provider_installation {{\ndev_overrides {{ "{SOURCE}" = "/src" }}\ndirect {{}}\n}}',
}
LOUD = {
    "a mirror of the company": 'provider_installation {\nnetwork_mirror { url = "https://example.com/" }\n}',
    "direct alone": "provider_installation {\n  direct {}\n}",
    "direct as well": f"provider_installation {{\n{OURS}direct {{}}\n}}",
    "excluded and nowhere included": f"provider_installation {{\n{WITHOUT_OURS}}}",
    "the mirror without us": 'provider_installation { filesystem_mirror { path = "terraform.d/plugins"\n'
    'include = ["example.com/*/*"] } }',
    "another folder": 'provider_installation { filesystem_mirror { path = "/no/such/mirror" } }',
    "a registry of OpenTofu": f"provider_installation {{\n{OURS}oci_mirror {{\n"
    'repository_template = "example.com/${namespace}/${type}"\n}\n}',
    "empty": "provider_installation {}",
    "a url with slashes before it": 'host "x" { services = { a = "https://x/" } }\n'
    "provider_installation { direct {} }",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=list(QUIET))
def test_no_warning_where_terraform_finds_the_provider(text: str, tmp_path: Path) -> None:
    (tmp_path / ".terraformrc").write_text(text)

    assert cli_configuration_warning({}, tmp_path, tofu=False) is None


@pytest.mark.parametrize("text", LOUD.values(), ids=list(LOUD))
def test_a_warning_with_the_block_to_paste_where_terraform_does_not(text: str, tmp_path: Path) -> None:
    (tmp_path / ".terraformrc").write_text(text)

    assert cli_configuration_warning({}, tmp_path, tofu=False) == (
        f"{tmp_path}/.terraformrc: its provider_installation block keeps Terraform from "
        "terraform.d/plugins, where cdktf-openai-thread puts its provider, and terraform init "
        "will fail. Add to the block:\n"
        "  filesystem_mirror {\n"
        '    path    = "terraform.d/plugins"\n'
        f'    include = ["{SOURCE}"]\n'
        "  }\n"
        f'and exclude = ["{SOURCE}"] to each of its other methods, direct included.'
    )


def test_pasting_the_block_of_the_warning_ends_the_warning(tmp_path: Path) -> None:
    file = tmp_path / ".terraformrc"
    file.write_text("provider_installation {\n  direct {}\n}\n")
    warning = cli_configuration_warning({}, tmp_path, tofu=False)
    assert warning is not None
    block = warning[warning.index("  filesystem_mirror") : warning.index("and exclude")]
    file.write_text(f'provider_installation {{\n{block}  direct {{ exclude = ["{SOURCE}"] }}\n}}\n')

    assert cli_configuration_warning({}, tmp_path, tofu=False) is None


def test_an_absolute_mirror_counts_where_it_holds_our_provider(tmp_path: Path) -> None:
    (tmp_path / ".terraformrc").write_text(
        f'provider_installation {{\nfilesystem_mirror {{ path = "{tmp_path}/mirror" }}\n}}'
    )
    before = cli_configuration_warning({}, tmp_path, tofu=False)
    (tmp_path / "mirror" / SOURCE).mkdir(parents=True)

    assert before is not None
    assert cli_configuration_warning({}, tmp_path, tofu=False) is None


@pytest.mark.parametrize("name", ["company.tfrc", "company.tfrc.json"])
def test_files_in_the_configuration_folder_are_read_too(tmp_path: Path, name: str) -> None:
    folder = tmp_path / ".terraform.d"
    folder.mkdir()
    text = '{"provider_installation": {"direct": {}}}' if name.endswith("json") else LOUD["direct alone"]
    (folder / name).write_text(text)

    assert (cli_configuration_warning({}, tmp_path, tofu=False) or "").startswith(f"{folder / name}: ")


@pytest.mark.parametrize("variable", ["TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"])
def test_a_file_named_by_the_environment_is_the_only_one(tmp_path: Path, variable: str) -> None:
    (tmp_path / ".terraformrc").write_text(LOUD["direct alone"])
    other = tmp_path / "other.tfrc"
    environ = {variable: str(other)}

    assert cli_configuration_warning(environ, tmp_path, tofu=False) is None
    other.write_text(LOUD["direct alone"])
    assert (cli_configuration_warning(environ, tmp_path, tofu=False) or "").startswith(f"{other}: ")


XDG = ".config/opentofu/tofurc"


@pytest.mark.parametrize(
    ("there", "read"),
    [
        ([".tofurc", ".terraformrc", XDG], ".tofurc"),
        ([".terraformrc", XDG], ".terraformrc"),
        ([XDG], XDG),
        ([".config/opentofu/company.tfrc"], ".config/opentofu/company.tfrc"),
        ([".terraform.d/company.tfrc"], ".terraform.d/company.tfrc"),
        (["other.tfrc"], None),
    ],
)
def test_opentofu_has_files_of_its_own_and_reads_terraforms_where_it_has_none(
    tmp_path: Path, there: list[str], read: str | None
) -> None:
    for name in there:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(LOUD["direct alone"])
    environ = {"XDG_CONFIG_HOME": str(tmp_path / ".config")}
    found = cli_configuration_warning(environ, tmp_path, tofu=True)

    assert (found or "").partition(":")[0] == ("" if read is None else f"{tmp_path}/{read}")
    assert read is None or "keeps OpenTofu from" in str(found)


def test_without_a_home_there_is_no_file_but_one_that_is_named(tmp_path: Path) -> None:
    named = tmp_path / "named.tfrc"
    named.write_text(LOUD["direct alone"])

    assert cli_configuration_warning({}, None, tofu=False) is None
    assert cli_configuration_warning({"TF_CLI_CONFIG_FILE": str(named)}, None, tofu=True)
