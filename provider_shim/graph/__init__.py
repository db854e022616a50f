"""Draws what a synthesized app is made of: read, fold what is alike, lay out, write."""
