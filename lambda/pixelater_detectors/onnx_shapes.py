"""Models that take pictures of any size, and whose weights never change.

In the files, inputs and outputs have fixed shapes, and weights may be inputs.

An ONNX file is a protocol buffer; the fields are those of onnx.proto
(https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). The package `onnx` would do, but is larger
than the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

GRAPH, INPUT, OUTPUT, TYPE, TENSOR, SHAPE, DIMENSION, PARAMETER = 7, 11, 12, 2, 1, 2, 1, 2
"""Numbers of fields: ModelProto.graph, GraphProto.input, .output, ValueInfoProto.type,
TypeProto.tensor_type, Tensor.shape, TensorShapeProto.dim and Dimension.dim_param."""

WEIGHT, INPUT_NAME, WEIGHT_NAME = 5, 1, 8
"""Numbers of GraphProto.initializer, ValueInfoProto.name and TensorProto.name."""

FREE = (0, 2, 3)
"""Dimensions that may have any size: pictures, rows and columns. Channels are fixed."""

BYTES = 2
"""The wire type of messages, and of texts (https://protobuf.dev/programming-guides/encoding/)."""


def free_shapes(model: bytes) -> bytes:
    """Return a model whose inputs and outputs have sizes that are chosen later."""
    number = 0

    def free(shape: bytes) -> bytes:
        nonlocal number
        parts = []
        for place, (_, _, whole) in enumerate(_list_fields(shape)):
            if place in FREE:
                number += 1
                name = f"size{number}".encode()
                parts.append(_write_field(DIMENSION, _write_field(PARAMETER, name)))
            else:
                parts.append(whole)
        return b"".join(parts)

    for direction in (INPUT, OUTPUT):
        model = _edit(model, (GRAPH, direction, TYPE, TENSOR, SHAPE), free)
    return model


def fix_weights(model: bytes) -> bytes:
    """Return a model whose weights are not inputs, too, as older files have them.

    onnxruntime arranges only constant weights for the CPU: CenterFace is up to twice as fast then.
    """

    def drop_inputs(graph: bytes) -> bytes:
        fields = list(_list_fields(graph))
        weights = {
            _read_text(weight, WEIGHT_NAME) for number, weight, _ in fields if number == WEIGHT
        }
        return b"".join(
            whole
            for number, content, whole in fields
            if number != INPUT or _read_text(content, INPUT_NAME) not in weights
        )

    return _edit(model, (GRAPH,), drop_inputs)


def _read_text(message: bytes, field: int) -> bytes:
    return next((content for number, content, _ in _list_fields(message) if number == field), b"")


def _edit(message: bytes, path: tuple[int, ...], change: Callable[[bytes], bytes]) -> bytes:
    """Change all fields of a path."""
    if not path:
        return change(message)
    return b"".join(
        _write_field(number, _edit(content, path[1:], change)) if number == path[0] else whole
        for number, content, whole in _list_fields(message)
    )


def _list_fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """List fields: number, content (b"" of numbers), and all of its bytes."""
    place = 0
    while place < len(message):
        start = place
        key, place = _read_varint(message, place)
        content = b""
        match key & 7:
            case 0:
                _, place = _read_varint(message, place)
            case 1:
                place += 8
            case 5:
                place += 4
            case 2:  # BYTES
                length, place = _read_varint(message, place)
                content = message[place : place + length]
                place += length
            case other:
                raise ValueError(f"a field has the unknown type {other}")
        yield key >> 3, content, message[start:place]


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7


def _write_varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def _write_field(number: int, content: bytes) -> bytes:
    return _write_varint(number << 3 | BYTES) + _write_varint(len(content)) + content
