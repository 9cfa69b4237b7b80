"""Pictures, (C, H, W) in [0, 1]: how they are spoilt, read from files and compared."""
