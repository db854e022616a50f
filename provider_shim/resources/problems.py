"""Problems of the API, as Terraform shows them."""

from provider_shim.api.problem import ApiProblem
from provider_shim.terraform.diagnostics import Diagnostic, error


def diagnostics_of(problem: BaseException) -> list[Diagnostic] | None:
    """Return what to show of an exception; None if it is none of the API's."""
    if not isinstance(problem, ApiProblem):
        return None
    return [error(problem.summary, problem.detail, problem.path)]
