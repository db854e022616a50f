"""What depends on the operating system, one module for each thing: another system is another file here."""
