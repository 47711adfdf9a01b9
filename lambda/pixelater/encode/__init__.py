"""Writing mosaics: PNG, JPEG and WebP writers, and Pillow's for other formats."""
