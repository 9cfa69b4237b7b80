"""How items are written as files without a network: the codecs that each modality is compared with."""
