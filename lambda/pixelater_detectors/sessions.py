"""Sessions of onnxruntime: a model, ready to run on the processor."""

from __future__ import annotations

from typing import Any

from PIL import Image

from pixelater_detectors.onnx_shapes import fix_weights


class DetectionFailed(Exception):
    """A model that did not run, for example because there is not enough memory."""


def run_session(session: Any, pixels: Any) -> Any:
    """Run a model of one input; return its outputs. Raises DetectionFailed."""
    from onnxruntime.capi.onnxruntime_pybind11_state import EPFail, Fail, RuntimeException

    try:
        return session.run(None, {session.get_inputs()[0].name: pixels})
    except (EPFail, Fail, RuntimeException, MemoryError) as error:
        raise DetectionFailed(str(error).partition("\n")[0]) from error


def open_session(model: bytes, threads: int) -> Any:
    """Open a model. `threads` is the number of threads; 0: one for each CPU."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)  # Errors only: it warns of CPUs that it cannot read.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # The arena keeps what the largest picture needed: 1 GB after 12 megapixels.
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    # Threads that spin while they wait took a third more CPU time on two busy cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        fix_weights(model), options, providers=["CPUExecutionProvider"]
    )


def find_size(size: tuple[int, int], longer: int, largest: float) -> tuple[int, int]:
    """Return a size whose longer side is about `longer`, in multiples of 32.

    A picture is enlarged `largest` times at most.
    """
    times = min(longer / max(size), largest)
    width, height = (max(32, -(-round(side * times) // 32) * 32) for side in size)
    return width, height


def resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Resize a picture for a detector."""
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
