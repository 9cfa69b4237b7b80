"""Every figure of merit of a model, its definition, and the tables made of them."""
