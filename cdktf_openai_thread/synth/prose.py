"""A text as a person writes it: what Terraform would evaluate elsewhere means itself in it."""

from typing import TYPE_CHECKING

from cdktf_openai_thread.synth.framework import tf
from provider_shim.contract.path import Path, spelled

if TYPE_CHECKING:
    from constructs import Construct

_said: set[str] = set()
PAGE = "docs/reference/python.md#expressions"


def warn_of_template(of: "Construct", path: Path) -> None:
    """Say once in an app that an expression in a text is a text."""
    # Python may have another object for the same app each time.
    app = getattr(of.node.root, "__jsii_ref__").ref.rpartition("@")[2]  # noqa: B009 - jsii's own
    if app in _said:
        return
    _said.add(app)
    tf.Annotations.of(of).add_warning(
        f"{spelled(path)} has ${{ in it, and is deployed as it is written: a message, a description and a "
        "file's name are texts. For a value that only the deploy knows, put a token into the text "
        "(variable.string_value, thread.id) or make it with Fn, as Fn.format(…). This is said of the first "
        f"such text of an app. See {PAGE}."
    )
