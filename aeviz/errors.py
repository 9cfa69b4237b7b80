"""What goes wrong with what a person brings or chose; each message says what was found and expected."""


class CallableError(ValueError):
    """A person's encode or decode failed, or gave what is no code or picture; the message says which and what."""


class CheckpointError(Exception):
    """A checkpoint is missing, damaged or unsound; the message says what was found and expected."""


class DataError(Exception):
    """A data set is missing, damaged or unknown; the message says how to mend it."""
