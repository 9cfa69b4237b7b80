"""The wire format of protobuf, read within bounds and written: the few fields of an ONNX file that matter.

A message is a sequence of fields, each a number, a type and a value (protobuf.dev/programming-guides/encoding). What is
read here is what onnxruntime's parser reads: a form that two parsers could take in two ways is refused.
"""

import struct
from collections.abc import Iterator

MAX_FIELDS = 500_000  # that a file may have, over all of its messages
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class WireError(ValueError):
    """The bytes are no sound message."""


class Budget:
    """Counts the fields that were read of a file."""

    def __init__(self) -> None:
        self.left = MAX_FIELDS

    def spend(self) -> None:
        """Count one. Raises WireError past the limit."""
        self.left -= 1
        if self.left < 0:
            raise WireError("it has more parts than a network of the size that is run here")


def fields(data: memoryview, budget: Budget) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field: a whole number (unsigned, 64 bits) or a view of its bytes; nothing is copied.

    Raises WireError for a field that is cut off, a group, and more fields than there is budget for.
    """
    place, end = 0, len(data)
    while place < end:
        budget.spend()
        tag, place = _varint(data, place)
        number, kind = tag >> 3, tag & 7
        if not 0 < number < 1 << 29:
            raise WireError("a field has no sound number")
        if kind == VARINT:
            value, place = _varint(data, place)
            yield number, value
            continue
        if kind == BYTES:
            length, place = _varint(data, place)
        elif kind in {FIXED32, FIXED64}:
            length = 4 if kind == FIXED32 else 8
        else:
            raise WireError("a field is of a type that ONNX does not have")
        if length > end - place:
            raise WireError("a field reaches beyond the end")
        yield number, data[place : place + length]
        place += length


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for row, byte in enumerate(data[place : place + 10]):
        value |= (byte & 0x7F) << (7 * row)
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, place + row + 1
    raise WireError("a number is cut off")


def numbers(value: int | memoryview, budget: Budget) -> list[int]:
    """The signed whole numbers of a repeated field: one, or several packed."""
    if isinstance(value, int):
        return [signed(value)]
    values, place = [], 0
    while place < len(value):
        budget.spend()
        number, place = _varint(value, place)
        values.append(signed(number))
    return values


def signed(value: int) -> int:
    """A number of 64 bits in two's complement."""
    return value - (1 << 64) if value >= 1 << 63 else value


def message(value: int | memoryview) -> memoryview:
    """The bytes of a field that holds a message or text. Raises WireError where it holds a number."""
    if isinstance(value, int):
        raise WireError("a field holds a number where a message belongs")
    return value


def text(value: int | memoryview) -> str:
    """The text in a field. Raises WireError where it holds a number."""
    return bytes(message(value)).decode("utf-8", "replace")


def field(number: int, value: int | bytes | memoryview | str) -> bytes:
    """One field as it is written."""
    if isinstance(value, int):
        return _written(number << 3) + _written(value)
    content = value.encode() if isinstance(value, str) else bytes(value)
    return _written(number << 3 | BYTES) + _written(len(content)) + content


def _written(value: int) -> bytes:
    out = bytearray()
    value &= 0xFFFF_FFFF_FFFF_FFFF
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def int64s(raw: memoryview) -> list[int]:
    """The numbers in the raw bytes of an int64 tensor."""
    return list(struct.unpack(f"<{len(raw) // 8}q", raw[: len(raw) // 8 * 8]))
