"""Built-in palettes: colors of machines, each with the address it was compared with.

Palettes that an artist has composed are read from files instead.
"""

from __future__ import annotations

from itertools import product

from pixelater.palette.palette import BadPalette, Color, Palette, parse_colors


def _mix(*levels: int) -> tuple[Color, ...]:
    """Return every combination of the levels of red, green and blue."""
    return tuple(product(levels, levels, levels))


def _shade(steps: int) -> tuple[Color, ...]:
    """Return evenly spaced grays from black to white."""
    levels = (255 * step // (steps - 1) for step in range(steps))
    return tuple((level, level, level) for level in levels)


_CGA = parse_colors(
    "000000 0000aa 00aa00 00aaaa aa0000 aa00aa aa5500 aaaaaa "
    "555555 5555ff 55ff55 55ffff ff5555 ff55ff ffff55 ffffff"
)

_PALETTES = (
    Palette("1-bit", _shade(2), "https://www.w3.org/TR/png-3/#13Sample-depth-scaling"),
    Palette("gray-4", _shade(4), "https://www.w3.org/TR/png-3/#13Sample-depth-scaling"),
    Palette("gray-16", _shade(16), "https://www.w3.org/TR/png-3/#13Sample-depth-scaling"),
    # The four greens that emulators and artists use for the DMG's screen; its LCD has no RGB.
    Palette(
        "gameboy",
        parse_colors("0f380f 306230 8bac0f 9bbc0f"),
        "https://en.wikipedia.org/wiki/List_of_video_game_console_palettes#Original_Game_Boy",
    ),
    Palette(
        "pico-8",
        parse_colors(
            "000000 1d2b53 7e2553 008751 ab5236 5f574f c2c3c7 fff1e8 "
            "ff004d ffa300 ffec27 00e436 29adff 83769c ff77a8 ffccaa"
        ),
        "https://pico-8.fandom.com/wiki/Palette",
    ),
    # The PPU generates a video signal, so no list is canonical; this one has been in use longest.
    Palette(
        "nes",
        parse_colors(
            "7c7c7c 0000fc 0000bc 4428bc 940084 a80020 a81000 881400 503000 007800 006800 005800 "
            "004058 bcbcbc 0078f8 0058f8 6844fc d800cc e40058 f83800 e45c10 ac7c00 00b800 00a800 "
            "00a844 008888 f8f8f8 3cbcfc 6888fc 9878f8 f878f8 f85898 f87858 fca044 f8b800 b8f818 "
            "58d854 58f898 00e8d8 787878 fcfcfc a4e4fc b8b8f8 d8b8f8 f8b8f8 f8a4c0 f0d0b0 fce0a8 "
            "f8d878 d8f878 b8f8b8 b8f8d8 00fcfc f8d8f8 000000"
        ),
        "https://github.com/MegamixEngine/MegamixEngine/blob/0981e43/scripts/paletteSetup.gml",
    ),
    # The VIC-II's, computed by Philip Timmermann ("Pepto") from its luma levels and phases.
    Palette(
        "c64",
        parse_colors(
            "000000 ffffff 68372b 70a4b2 6f3d86 588d43 352879 b8c76f "
            "6f4f25 433900 9a6759 444444 6c6c6c 9ad284 6c5eb5 959595"
        ),
        "https://www.pepto.de/projects/colorvic/2001/",
    ),
    Palette("cga", _CGA, "https://en.wikipedia.org/wiki/Color_Graphics_Adapter"),
    Palette(
        "cga-cyan",
        (_CGA[0], _CGA[11], _CGA[13], _CGA[15]),
        "https://en.wikipedia.org/wiki/Color_Graphics_Adapter#Standard_graphics_modes",
    ),
    Palette(
        "ega",
        _mix(0x00, 0x55, 0xAA, 0xFF),
        "https://en.wikipedia.org/wiki/Enhanced_Graphics_Adapter#Color_palette",
    ),
    # The TMS9918's: voltages of its data book, page 2-17, in RGB at a saturation of 54 %.
    Palette(
        "msx",
        parse_colors(
            "000000 3eb849 74d07d 5955e0 8076f1 b95e51 65dbef db6559 "
            "ff897d ccc35e ded087 3aa241 b766b5 cccccc ffffff"
        ),
        "https://github.com/openMSX/openMSX/blob/master/src/video/Renderer.cc",
    ),
    Palette(
        "zx-spectrum",
        _mix(0x00, 0xD7) + _mix(0x00, 0xFF),
        "https://en.wikipedia.org/wiki/ZX_Spectrum_graphic_modes#Colour_palette",
    ),
    Palette("cpc", _mix(0x00, 0x80, 0xFF), "https://www.cpcwiki.eu/index.php/CPC_Palette"),
    Palette(
        "teletext",
        _mix(0x00, 0xFF),
        "https://en.wikipedia.org/wiki/List_of_8-bit_computer_hardware_graphics"
        "#World_System_Teletext_Level_1",
    ),
    # The low-resolution colors; the two grays are equal.
    Palette(
        "apple-ii",
        parse_colors(
            "000000 e31e60 604ebd ff44fd 00a360 9c9c9c 14cffd d0c3ff "
            "607203 ff6a3c ffa0d0 14f53c d0dd8d 72ffd0 ffffff"
        ),
        "https://mrob.com/pub/xapple2/colors.html",
    ),
    Palette(
        "html-16",
        parse_colors(
            "000000 c0c0c0 808080 ffffff 800000 ff0000 800080 ff00ff "
            "008000 00ff00 808000 ffff00 000080 0000ff 008080 00ffff"
        ),
        "https://www.w3.org/TR/html401/types.html#h-6.5",
    ),
    Palette(
        "web-safe",
        _mix(0x00, 0x33, 0x66, 0x99, 0xCC, 0xFF),
        "https://en.wikipedia.org/wiki/Web_colors#Web-safe_colors",
    ),
)

BUILT_IN = {palette.name: palette for palette in _PALETTES}


def find_palette(name: str) -> Palette:
    """Return the built-in palette of a name, in any case. Raises BadPalette.

    >>> len(find_palette("EGA").colors)
    64
    """
    try:
        return BUILT_IN[name.lower()]
    except KeyError:
        known = ", ".join(BUILT_IN)
        raise BadPalette(f"{name!r} is not a built-in palette: they are {known}") from None
