"""A resource's state on its way in and out: read, made to fit, written.

What does not fit becomes a diagnostic, and the rest goes on.
"""

import json
from collections.abc import Mapping
from typing import Any

from provider_shim.contract.attributes import Contract
from provider_shim.contract.path import Path, spelled
from provider_shim.terraform import tfplugin6 as pb
from provider_shim.terraform import values
from provider_shim.terraform.diagnostics import Diagnostic, error
from provider_shim.terraform.guard import bug, crash
from provider_shim.terraform.handler import Values, Work
from provider_shim.terraform.values import Malformed


def decoded(contract: Contract, data: bytes) -> Values | None:
    """Read a value that Terraform sends.

    Raises:
        Malformed: it is not one of this contract.
    """
    return values.decode(contract.attributes, data)


def is_nothing(data: bytes) -> bool:
    """Return whether a value that Terraform sends is null, without reading all of it."""
    return data in (b"", _NULL)


_NULL = b"\xc0"
"""msgpack's null."""


def raw(state: pb.RawState) -> tuple[Mapping[str, Any] | None, list[Diagnostic]]:
    """Read a state as it lies in the state file."""
    if not state.json:
        return None, [
            error(
                "State of an old Terraform",
                "The state is in the format of Terraform 0.11. Run terraform 0.12 or 0.13 on it first.",
            )
        ]
    try:
        found = json.loads(state.json)
    except (ValueError, RecursionError) as problem:
        return None, [error("Unreadable state", f"The state is no JSON: {problem}.")]
    if not isinstance(found, dict):
        return None, [
            error("Unreadable state", f"The state is a {type(found).__name__} instead of an object.")
        ]
    return found, []


def conformed(
    contract: Contract, state: Mapping[str, Any] | None, diagnostics: list[Diagnostic]
) -> Values | None:
    """Return an old state with today's attributes."""

    def report(path: Path, problem: str) -> None:
        diagnostics.append(
            error(
                "Unreadable state",
                f"{spelled(path)} in the state {problem}. Remove the resource from the state with "
                "terraform state rm and import it again.",
                path,
            )
        )

    return values.conform(contract.attributes, state, report)


def fits(contract: Contract, state: Mapping[str, Any] | None) -> bool:
    """Return whether each of today's attributes that a state has is of today's shape."""
    problems: list[Diagnostic] = []
    conformed(contract, state, problems)
    return not problems


def of_a_newer(what: str, version: int, known: int) -> Diagnostic:
    """Refuse what a newer version has written.

    Args:
        what: Such as `state` or `identity`, with the type.
        version: By which it was written.
        known: The newest that is known here.
    """
    return error(
        "Written by a newer version",
        f"The {what} was written with schema version {version}. This version of cdktf-openai-thread knows "
        f"versions up to {known}. Use the version that wrote it, or a newer one.",
    )


def identity(contract: Contract, state: Mapping[str, Any] | None) -> pb.ResourceIdentityData | None:
    """Return what tells a planned or a real object apart; None where that is nothing, or not all is known.

    A plan may have an unknown identity, for Terraform. OpenTofu 1.12 can't store one.
    """
    if not contract.identity or state is None:
        return None
    found = {name: state.get(name) for name in contract.identity}
    if any(each is None or each is values.UNKNOWN for each in found.values()):
        return None

    def report(path: Path, problem: str) -> None:
        """What does not fit has been said of the state."""

    sent = values.encode(contract.identity_attributes, found, report)
    return pb.ResourceIdentityData(identity_data=pb.DynamicValue(msgpack=sent))


def malformed(problem: Malformed) -> Diagnostic:
    """Report that Terraform and the contract do not agree."""
    return bug(f"Terraform sent a value that does not fit: {problem}")


def no_type(name: str) -> Diagnostic:
    """Report that Terraform and the provider do not agree on what there is."""
    return bug(f"Terraform asked for {name}, which this provider does not have")


def no_move(source: str, target: str) -> Diagnostic:
    """Refuse a state that nobody knows how to read."""
    return error(
        f"Nothing can be moved to {target}",
        f"{source} can't become an {target}. Remove it from the state with terraform state rm, and import it "
        "where it is to be.",
    )


def has_errors(diagnostics: list[Diagnostic]) -> bool:
    """Return whether anything stops the run."""
    return any(each.severity == "error" for each in diagnostics)


def reached(contract: Contract, work: Work[Any], diagnostics: list[Diagnostic]) -> pb.DynamicValue:
    """Write the state that a handler has reached. Terraform takes no unknowns now."""
    if work.state is not None:
        if not has_errors(diagnostics):
            diagnostics += [
                bug(f"{spelled(path)} of {contract.type_name} is still unknown")
                for path in values.unknown_paths(work.state)
            ]
        work.state = values.without_unknowns(work.state)
    return sent(contract, work.state, diagnostics)


def sent(contract: Contract, state: Values | None, diagnostics: list[Diagnostic]) -> pb.DynamicValue:
    """Write a state; nothing that is wrong with it ends the call."""

    def report(path: Path, problem: str) -> None:
        diagnostics.append(bug(f"{spelled(path)} of {contract.type_name} {problem}"))

    try:
        return pb.DynamicValue(msgpack=values.encode(contract.attributes, state, report))
    except Exception as problem:  # noqa: BLE001 - a state that can't be written must not end the call
        diagnostics.append(crash(problem, f"Writing the state of {contract.type_name}"))
        return pb.DynamicValue(msgpack=values.encode(contract.attributes, None, report))
