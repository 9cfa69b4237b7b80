"""Drawings without a host: bars, charts, colours, and files of tiles. What is drawn comes as arguments."""
