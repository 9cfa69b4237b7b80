"""Fitting a model and recording how it learns."""
