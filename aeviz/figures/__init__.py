"""Drawings without a host: bars, charts, colours, and files of pictures."""
