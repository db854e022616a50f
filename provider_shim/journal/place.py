"""Where a stack's journal lies. Costs nothing to import: every start of the provider asks it."""

import os

# Pathlib takes longer to import than the rest of the work here.
# ruff: noqa: PTH113, PTH118, PTH119, PTH120

STEM = ".openai-thread-journal"
OFF = "off"
"""In place of a folder: no journal."""


def journal_of(folder: str, chosen: str | None = None) -> str | None:
    """Return the path of the journal of the stack that Terraform runs in ``folder``; None where it is off.

    CDKTF runs it in OUT/stacks/STACK and keeps a local state beside OUT, as terraform.STACK.tfstate. OUT
    is thrown away freely, so the journal lies where the state does: beside OUT, with the stack's name.
    Elsewhere the folder itself is where Terraform keeps its state. Where a backend keeps it, the place is the
    same: what a run asked for is known where it ran.

    Args:
        folder: Where Terraform runs.
        chosen: The folder that the provider's configuration names, in which stacks of several projects may
            be; or ``off``. None for the default.
    """
    if chosen == OFF:
        return None
    stacks, name = os.path.split(folder)
    out = os.path.dirname(stacks)
    beside = os.path.dirname(out)
    is_cdktf = os.path.basename(stacks) == "stacks" and os.path.isfile(os.path.join(out, "manifest.json"))
    if chosen is not None:
        stem = f"{STEM}.{name}" if is_cdktf else STEM
        return os.path.join(folder, chosen, f"{stem}.jsonl")
    if is_cdktf and os.access(beside, os.W_OK):
        return os.path.join(beside, f"{STEM}.{name}.jsonl")
    return os.path.join(folder, f"{STEM}.jsonl")
