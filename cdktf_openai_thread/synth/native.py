"""The class of our resources in Node: it has what was configured at hand, as generated bindings have.

cdktf asks each resource twice for its attributes. Answered from Python, that is most of what a resource
costs. So they are sent along with the construct, and asked for only where they have changed since.

jsii loads classes from packages of npm. This one is small enough to be written when it is needed.
"""

from functools import cache
from importlib import import_module
from typing import Any, Final

import jsii

from cdktf_openai_thread.synth.framework import tf
from provider_shim import __version__

_PACKAGE: Final = "cdktf-openai-thread"
_CLASS: Final = f"{_PACKAGE}.Resource"
_FRAMEWORK: Final = tf.__name__

_CODE: Final = f""""use strict";
const {{ TerraformResource }} = require("{_FRAMEWORK}");

class Resource extends TerraformResource {{
  constructor(scope, id, config, attributes) {{
    super(scope, id, config);
    this.attributes = attributes;
  }}

  synthesizeAttributes() {{
    return this.attributes ?? this.changedAttributes();
  }}

  // Python overrides it.
  changedAttributes() {{
    return {{}};
  }}
}}

Resource[Symbol.for("jsii.rtti")] = {{ fqn: "{_CLASS}", version: "{__version__}" }};
exports.Resource = Resource;
"""
_ANY: Final = {"primitive": "any"}
_ABOUT: Final = {"name": _PACKAGE, "version": __version__, "license": "Apache-2.0"}


@cache
def load() -> None:
    """Have Node know the class. It is needed before the first resource is made, and not at import."""
    # Imported here: it is needed once, and not by who only imports this package.
    import io  # noqa: PLC0415 - as above
    import tarfile  # noqa: PLC0415 - as above
    from pathlib import Path  # noqa: PLC0415 - as above
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - as above

    with TemporaryDirectory() as folder:
        package = Path(folder) / "package.tar"
        with tarfile.open(package, "w") as archive:
            for name, text in _files().items():
                content = text.encode()
                entry = tarfile.TarInfo(f"package/{name}")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        jsii.load(_PACKAGE, __version__, str(package))


def _files() -> dict[str, str]:
    import json  # noqa: PLC0415 - as above

    dependencies = {_FRAMEWORK: import_module(f"{_FRAMEWORK}._jsii").__jsii_assembly__.version}
    about = {**_ABOUT, "dependencies": dependencies, "main": "index.js"}
    assembly = {
        **_ABOUT,
        "author": {"name": _PACKAGE, "roles": ["author"]},
        "dependencies": dependencies,
        "description": "Resources of cdktf-openai-thread",
        "fingerprint": "*",
        "homepage": "",
        "jsiiVersion": "5.8.9",
        "repository": {"type": "git", "url": ""},
        "schema": "jsii/0.10.0",
        "targets": {"js": {"npm": _PACKAGE}},
        "types": {_CLASS: _type()},
    }
    return {"package.json": json.dumps(about), ".jsii": json.dumps(assembly), "index.js": _CODE}


def _type() -> dict[str, Any]:
    parameters = [
        {"name": "scope", "type": {"fqn": "constructs.Construct"}},
        {"name": "id", "type": {"primitive": "string"}},
        {"name": "config", "type": {"fqn": f"{_FRAMEWORK}.TerraformResourceConfig"}},
        {"name": "attributes", "type": _ANY, "optional": True},
    ]
    return {
        "assembly": _PACKAGE,
        "base": f"{_FRAMEWORK}.TerraformResource",
        "fqn": _CLASS,
        "initializer": {"parameters": parameters},
        "kind": "class",
        "methods": [{"name": "changedAttributes", "protected": True, "returns": {"type": _ANY}}],
        "name": "Resource",
        "properties": [{"name": "attributes", "protected": True, "type": _ANY, "optional": True}],
    }


class NativeResource(tf.TerraformResource, metaclass=jsii.JSIIMeta, jsii_type=_CLASS):
    """A resource whose attributes Node holds, until one of them changes."""

    @jsii.member(jsii_name="changedAttributes")
    def _changed_attributes(self) -> dict[str, Any]:
        raise NotImplementedError
