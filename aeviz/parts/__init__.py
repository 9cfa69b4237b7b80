"""The live parts of a page: what runs in the browser, and the Python face of each. They know pixels and points only."""
