"""The Terraform provider that cdktf-openai-thread brings along."""

__version__ = "0.1.0"
