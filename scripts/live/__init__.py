"""The product's own promises, asked of a real API: `make live`."""
