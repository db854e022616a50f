"""One file a resource: plan rules, create, read, update, delete, import."""

from provider_shim.resources.provider import OpenaiProvider


def provider() -> OpenaiProvider:
    """Return the provider that Terraform is served with."""
    return OpenaiProvider()
