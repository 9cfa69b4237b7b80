"""The layers between an item and its code.

A *body* is an encoder (items -> features) and the decoder that mirrors it (codes -> logits). The heads that turn
features into a posterior belong to `aeviz.model.autoencoder`. One body has one module and one row in `table`.
"""
