"""The executable that Terraform starts, and where it has to lie for Terraform to find it."""
