"""Whether what detectors need is installed, found out before the first photo is decoded."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from pixelater_cli.local import model_store
from pixelater_cli.local.region_job import EXTRA_HINT, DetectorError

PACKAGES = ("numpy", "onnxruntime")


def require_detectors(kinds: Iterable[str]) -> None:
    """Raise DetectorError for packages and models of kinds of regions that are not installed.

    Raises ModelError for a damaged model.
    """
    kinds = tuple(kinds)
    missing = [name for name in PACKAGES if kinds and find_spec(name) is None]
    if missing:
        packages = "packages" if len(missing) > 1 else "package"
        raise DetectorError(f"detectors need the {packages} {' and '.join(missing)}", EXTRA_HINT)
    require_models(kinds)


def require_models(kinds: Iterable[str]) -> None:
    """Raise DetectorError for models that are not installed, and ModelError for a damaged one."""
    from pixelater_detectors.models import MODELS

    folder = model_store.find_folder()
    missing = [kind for kind in kinds if not model_store.is_installed(MODELS[kind], folder)]
    if missing:
        what = "model is" if len(missing) == 1 else "models are"
        raise DetectorError(
            f"{' and '.join(missing)} cannot be found, as the {what} not installed",
            f"Install what is missing: pixelater models install {' '.join(missing)}",
        )
