"""How a construct becomes Terraform JSON: values, references, HCL, the framework, the provider beside it."""
