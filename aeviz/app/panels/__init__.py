"""Pieces that pages share: the inspector, the item picker, maps, cards and other panels."""
