"""The live parts: each a folder with a Python face, a plain ES module and a style sheet."""
