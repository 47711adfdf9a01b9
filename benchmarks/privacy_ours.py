"""What pixelater's detectors find, as a process that is measured.

python -m benchmarks.privacy_ours OUTPUT.json KINDS plain|thorough PHOTO...
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PIL import Image, ImageOps

from pixelater_cli.local.model_store import find_folder
from pixelater_detectors.detect import Detectors, pad


def main() -> None:
    """Write the boxes and the areas to hide of each photo."""
    output, kinds, way, *paths = sys.argv[1:]
    detectors = Detectors([find_folder()])
    found = {}
    for path in paths:
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGB")
        boxes = detectors.find(image, kinds.split(","), thorough=way == "thorough")
        found[path] = {
            "boxes": [(box.left, box.top, box.right, box.lower) for box in boxes],
            "areas": [pad(box) for box in boxes],
        }
    Path(output).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
