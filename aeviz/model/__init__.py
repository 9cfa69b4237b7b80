"""An autoencoder: its configuration, bodies, families and losses."""
