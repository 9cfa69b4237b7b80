"""What an item is. One modality has one record, which says all that depends on it."""
