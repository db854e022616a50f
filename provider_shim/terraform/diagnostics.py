"""What Terraform shows a user: an error or a warning, in two parts."""

from typing import Literal, NamedTuple

from provider_shim.contract.path import Path


class Diagnostic(NamedTuple):
    """One message: a title, then cause and next step, and the attribute it is about."""

    severity: Literal["error", "warning"]
    summary: str
    detail: str = ""
    path: Path = ()


def error(summary: str, detail: str = "", path: Path = ()) -> Diagnostic:
    """Return what stops the run."""
    return Diagnostic("error", summary, detail, path)


def warning(summary: str, detail: str = "", path: Path = ()) -> Diagnostic:
    """Return what the user should know; the run goes on."""
    return Diagnostic("warning", summary, detail, path)


class Failure(Exception):  # noqa: N818 - it carries diagnostics, errors among them
    """Ends the work on one resource with diagnostics; what was reached before stays."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        """Take the diagnostics to show, in order."""
        super().__init__("; ".join(each.summary for each in diagnostics))
        self.diagnostics = diagnostics
