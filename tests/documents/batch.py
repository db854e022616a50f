"""Many configurations as modules of one, so that Terraform and the provider start once for all of them."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from tests.support.terraform import REQUIRED, TerraformProject

EMBEDDED = {"base_url": "sqlite:threads.db"}
"""The provider of the root. A module without one of its own has this, and shares its process."""
_VALUES: dict[str, Any] = {"string": "…", "number": 1, "bool": True}


class Batch:
    """Modules of one root configuration, each by its name."""

    def __init__(self, folder: Path) -> None:
        self.project = TerraformProject(folder)
        self._modules: dict[str, dict[str, Any]] = {}

    def add_stack(self, name: str, stack: Path) -> None:
        """Add a synthesized stack."""
        configuration = json.loads((stack / "cdk.tf.json").read_text())
        configuration["terraform"].pop("backend", None)
        match configuration["provider"]["openai"]:
            case [{"base_url": str(url), **others}] if url.startswith("sqlite:") and not others:
                del configuration["provider"]
        folder = self._folder(name)
        (folder / "main.tf.json").write_text(json.dumps(configuration))
        if (stack / "assets").is_dir():
            # Seen from where Terraform runs.
            shutil.copytree(stack / "assets", self.project.folder / "assets", dirs_exist_ok=True)
        variables = configuration.get("variable", {})
        self._modules[name] = {
            each: _VALUES[declared.get("type", "string")]
            for each, declared in variables.items()
            if "default" not in declared
        }

    def add_text(self, name: str, text: str) -> None:
        """Add a configuration in HCL; the providers it requires are added where it does not say."""
        folder = self._folder(name)
        (folder / "main.tf").write_text(text)
        if "required_providers" not in text:
            (folder / "versions.tf.json").write_text(json.dumps({"terraform": REQUIRED}))
        declared = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.DOTALL | re.MULTILINE)
        self._modules[name] = {
            each: _VALUES[(re.findall(r"type\s*=\s*(\w+)", body) or ["string"])[0]]
            for each, body in declared
            if "default" not in body
        }

    def init(self) -> TerraformProject:
        """Write the root, and have Terraform find the modules and the provider."""
        modules = {name: {"source": f"./{name}", **given} for name, given in self._modules.items()}
        return self.project.write({"module": modules, "provider": {"openai": EMBEDDED}}).init()

    def _folder(self, name: str) -> Path:
        folder = self.project.folder / name
        folder.mkdir()
        return folder
