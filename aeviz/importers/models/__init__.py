"""Models that others trained, recognised by their weights and files."""
