"""What depends on the operating system, one module each."""
