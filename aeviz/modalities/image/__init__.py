"""Pictures, (C, H, W) in [0, 1]: how they are corrupted, read from files and compared."""
