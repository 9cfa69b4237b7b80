"""A latent space: the numpy face of a model, axes of a code, paths between codes, samples."""
