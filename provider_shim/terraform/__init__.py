"""The wall socket: Terraform's plugin protocol 6. Knows nothing of OpenAI."""
