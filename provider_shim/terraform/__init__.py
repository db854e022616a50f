"""The protocol server: Terraform's plugin protocol 6. Knows nothing of OpenAI."""
