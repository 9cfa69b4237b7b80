"""What a visitor brings: files taken, models and data made of them, quotas, and their removal."""
