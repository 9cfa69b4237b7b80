"""Checkpoints on the disc, and what a process or a visitor was given beside them."""
