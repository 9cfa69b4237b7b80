"""Data as people keep it, read into a data set."""
