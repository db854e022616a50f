"""Where a stack's journal lies. Costs nothing to import: every start of the provider asks it."""

import os

# Pathlib takes longer to import than the rest of the work here.
# ruff: noqa: PTH113, PTH118, PTH119, PTH120

STEM = ".openai-thread-journal"


def journal_of(folder: str) -> str:
    """Give the path of the journal of the stack that Terraform runs in ``folder``.

    CDKTF runs it in OUT/stacks/STACK and keeps a local state beside OUT, as terraform.STACK.tfstate. OUT
    is thrown away freely, so the journal lies where the state does: beside OUT, with the stack's name.
    Elsewhere the folder itself is where Terraform keeps its state. Where a backend keeps it, the place is the
    same: what a run asked for is known where it ran.
    """
    stacks, name = os.path.split(folder)
    out = os.path.dirname(stacks)
    beside = os.path.dirname(out)
    if (
        os.path.basename(stacks) == "stacks"
        and os.path.isfile(os.path.join(out, "manifest.json"))
        and os.access(beside, os.W_OK)
    ):
        return os.path.join(beside, f"{STEM}.{name}.jsonl")
    return os.path.join(folder, f"{STEM}.jsonl")
