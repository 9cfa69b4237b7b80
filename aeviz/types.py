"""Types that all packages speak of."""

Shape = tuple[int, ...]  # of one item, without the axis that counts items: image (C, H, W), series (C, T), table (F,)
