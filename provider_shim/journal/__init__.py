"""The journal: what was asked for at the API, on disk before Terraform knows of it."""
