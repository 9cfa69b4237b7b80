"""Files of strangers: what each is, archives and arrays within limits. Nothing in them is executed."""
