"""Writes what a synthesized app is made of as DOT or Mermaid: read, fold what is alike, write."""
