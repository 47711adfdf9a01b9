"""The first bytes of formats that pixelater does not read: what they are, and who specifies it.

Within a family, the first that fits counts.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from pixelater.decode.decoder_errors import SAVE_AS
from pixelater.errors import UnsupportedFormat

Family = Literal[
    "image", "drawing", "raw photo", "video", "sound", "document", "archive", "text", "damage"
]

EXPORT = "Export it as PNG first."

FAMILY_REMEDIES: dict[Family, str] = {
    "image": SAVE_AS,
    "drawing": "Render it to PNG first, for example with Inkscape.",
    "raw photo": "Develop it to JPEG, TIFF or PNG first, for example with darktable.",
    "video": "Install pixelater[video], and use pixelater run.",
    "sound": "Omit it.",
    "document": "Save its pages or pictures as JPEG or PNG first.",
    "archive": "Unpack it, and pixelate the photos in it.",
    "text": "Check where it comes from: a download may have failed.",
    "damage": "Copy it again from its source.",
}

ENDINGS: dict[Family, str] = {"text": ", not an image", "damage": ""}
"""How messages go on after the name of a format."""

REMEDIES = {
    "a JPEG XL image": "Convert it first: djxl photo.jxl photo.png",
    "a PDF document": "Render its pages first: pdftoppm -png document.pdf page",
    "an SVG drawing": "Render it first: rsvg-convert drawing.svg --output drawing.png",
    "a DjVu document": "Render its pages first: ddjvu -format=tiff document.djvu pages.tif",
    "a GIMP image (XCF)": EXPORT,
    "an OpenRaster image (ORA)": EXPORT,
    "a Krita image (KRA)": EXPORT,
    "a PaintShop Pro image": EXPORT,
    "a Clip Studio Paint image": EXPORT,
    "an AppleDouble file of macOS": "Take the photo of the same name without ._ instead.",
    "a Windows shortcut": "Name the file that it leads to.",
    "a property list of macOS": "Download the photo from iCloud first.",
    "a Git LFS pointer": "Fetch the photo first: git lfs pull",
}
"""Remedies that are better than those of the family."""

LOC = "https://www.loc.gov/preservation/digital/formats/fdd/fdd"
RAW = "http://libopenraw.freedesktop.org/formats/"
FILE = "https://github.com/file/file/blob/master/magic/Magdir/"
ICNS = "https://en.wikipedia.org/wiki/Apple_Icon_Image_format"
ZIP = "https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT"


class KnownFormat(NamedTuple):
    """What a file is, with an article."""

    name: str
    family: Family

    @property
    def message(self) -> str:
        return self.name + ENDINGS.get(self.family, ", which is not supported")

    @property
    def is_image(self) -> bool:
        """Return whether it may show a photo, even if it is not read."""
        return self.family not in ENDINGS

    @property
    def remedy(self) -> str:
        return REMEDIES.get(self.name) or FAMILY_REMEDIES[self.family]


def refuse_kind(name: str) -> UnsupportedFormat:
    """Return the error of an image of a known format, but of a kind that is not read."""
    known = KnownFormat(name, "image")
    return UnsupportedFormat(known.message, known.remedy)


AVIF_STARTS = (b"ftypavif", b"ftypavis")
"""An AVIF begins like an MPEG-4 video, and is read (av1-avif, section 6)."""

Row = tuple[int, bytes, str, str]
"""An offset, the bytes there, what the file is, and a source of this."""

IMAGES: tuple[Row, ...] = (
    (0, b"\xff\x0a", "a JPEG XL image", f"{LOC}000538.shtml"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image", f"{LOC}000538.shtml"),
    (0, b"II\xbc", "a JPEG XR image", f"{LOC}000243.shtml"),
    (0, b"WMPHOTO\0", "a JPEG XR image", "ITU-T T.832, section 8.3"),
    (0, b"#?RADIANCE", "a Radiance image (HDR)", f"{FILE}images"),
    (0, b"#?RGBE", "a Radiance image (HDR)", f"{FILE}images"),
    (0, b"icns", "a macOS icon (ICNS) of an unsupported kind", ICNS),
    (0, b"v/1\x01", "an OpenEXR image", "https://openexr.com/en/latest/OpenEXRFileLayout.html"),
    (0, b"SIMPLE  =", "a FITS image of an unsupported kind", "RFC 4047, section 3"),
    (0, b"gimp xcf ", "a GIMP image (XCF)", "https://developer.gimp.org/core/standards/xcf/"),
    (0, b"Paint Shop Pro Image File", "a PaintShop Pro image", f"{FILE}images"),
    (0, b"CSFCHUNK", "a Clip Studio Paint image", f"{FILE}images"),
    (0, b"\x8aMNG\r\n\x1a\n", "an MNG animation", "http://www.libpng.org/pub/mng/spec/"),
    (0, b"\x8bJNG\r\n\x1a\n", "a JNG image", "http://www.libpng.org/pub/mng/spec/jng.html"),
    (0, b"BPG\xfb", "a BPG image", "https://bellard.org/bpg/bpg_spec.txt"),
    (0, b"FLIF", "a FLIF image", "https://flif.info/spec.html"),
    (0, b"farbfeld", "a farbfeld image", "https://tools.suckless.org/farbfeld/"),
    (0, b"id=ImageMagick", "an image of ImageMagick", "https://imagemagick.org/script/miff.php"),
    (0, b"SDPX", "a DPX image", f"{LOC}000178.shtml"),
    (0, b"XPDS", "a DPX image", f"{LOC}000178.shtml"),
    (0, b"\x80*_\xd7", "a Cineon image", f"{FILE}images"),
    (0, b"\xabKTX ", "a KTX texture", "https://registry.khronos.org/KTX/"),
    (0, b"\x13\xab\xa1\\", "an ASTC texture", f"{FILE}images"),
    (0, b"PVR\3", "a PVR texture", f"{FILE}images"),
    (0, b"\x97JB2\r\n\x1a\n", "a JBIG2 image", "ITU-T T.88, annex D.4"),
    (128, b"DICM", "a DICOM image", "https://dicom.nema.org/medical/dicom/current/ part 10"),
    (8, b"ILBM", "an Amiga image (ILBM)", f"{LOC}000338.shtml"),
    (8, b"PBM ", "an Amiga image (PBM)", f"{LOC}000338.shtml"),
    (30, b"mimetypeimage/openraster", "an OpenRaster image (ORA)", "https://www.openraster.org/"),
    (30, b"mimetypeapplication/x-krita", "a Krita image (KRA)", "https://docs.krita.org/"),
)

DRAWINGS: tuple[Row, ...] = (
    (0, b"%!PS-Adobe-3.0 EPSF", "an EPS drawing", "Adobe Technical Note 5002"),
    (0, b"%!PS-Adobe-2.0 EPSF", "an EPS drawing", "Adobe Technical Note 5002"),
    (0, b"%!PS-Adobe-3.1 EPSF", "an EPS drawing", "written by Adobe Illustrator"),
    (0, b"\xc5\xd0\xd3\xc6", "an EPS drawing", "Adobe Technical Note 5002, section 2"),
    (0, b"%!", "a PostScript document", "PostScript Language Reference, appendix G"),
    (0, b"\xd7\xcd\xc6\x9a", "a Windows metafile (WMF)", "[MS-WMF], section 2.3.2.3"),
    (0, b"\1\0\x09\0\0\3", "a Windows metafile (WMF)", "[MS-WMF], section 2.3.2.2"),
    (0, b"\1\0\x09\0\0\1", "a Windows metafile (WMF)", "[MS-WMF], section 2.3.2.2"),
    (40, b" EMF", "a Windows metafile (EMF)", "[MS-EMF], section 2.3.4.2"),
    (8, b"CDR", "a CorelDRAW drawing", f"{FILE}riff"),
)

RAW_PHOTOS: tuple[Row, ...] = (
    (0, b"FUJIFILMCCD-RAW", "a raw photo of Fujifilm (RAF)", f"{RAW}raf/"),
    (0, b"IIRO", "a raw photo of Olympus (ORF)", f"{RAW}orf/"),
    (0, b"IIRS", "a raw photo of Olympus (ORF)", f"{RAW}orf/"),
    (0, b"MMOR", "a raw photo of Olympus (ORF)", f"{RAW}orf/"),
    (0, b"IIU\0", "a raw photo of Panasonic (RW2)", f"{RAW}rw2/"),
    (8, b"CR\2", "a raw photo of Canon (CR2)", f"{RAW}cr2/"),
    (4, b"ftypcrx ", "a raw photo of Canon (CR3)", f"{RAW}cr3/"),
    (6, b"HEAPCCDR", "a raw photo of Canon (CRW)", f"{RAW}crw_ciff/"),
    (0, b"\0MRM", "a raw photo of Minolta (MRW)", f"{RAW}mrw/"),
    (0, b"FOVb", "a raw photo of Sigma (X3F)", f"{RAW}x3f/"),
)

HEIF: tuple[Row, ...] = (
    (4, b"ftypavci", "a HEIF image in H.264", "ISO/IEC 23008-12, annex E"),
    (4, b"ftypavcs", "a HEIF sequence in H.264", "ISO/IEC 23008-12, annex E"),
    (4, b"ftypjpeg", "a HEIF image in JPEG", "ISO/IEC 23008-12, annex H"),
    (4, b"ftypjpgs", "a HEIF sequence in JPEG", "ISO/IEC 23008-12, annex H"),
    (4, b"ftypj2ki", "a HEIF image in JPEG 2000", "ISO/IEC 15444-16"),
    (4, b"ftypvvic", "a HEIF image in H.266", "ISO/IEC 23008-12, annex L"),
    (4, b"ftypevbi", "a HEIF image in EVC", "ISO/IEC 23008-12, annex M"),
    (4, b"ftypunif", "a HEIF image of an unsupported kind", "ISO/IEC 23008-12, section 10"),
    (4, b"ftypmif2", "a HEIF image of an unsupported kind", "ISO/IEC 23008-12, section 10"),
    (4, b"ftypmsf1", "a HEIF sequence of an unsupported kind", "ISO/IEC 23008-12, section 10"),
)

SOUNDS: tuple[Row, ...] = (
    (4, b"ftypM4A ", "an MPEG-4 sound", "https://mp4ra.org/registered-types/brands"),
    (4, b"ftypM4B ", "an MPEG-4 sound", "https://mp4ra.org/registered-types/brands"),
    (8, b"WAVE", "a WAVE sound", "RFC 2361"),
    (0, b"ID3", "an MP3 sound", "https://id3.org/id3v2.3.0"),
    (0, b"fLaC", "a FLAC sound", "RFC 9639, section 6"),
)

VIDEOS: tuple[Row, ...] = (
    (4, b"ftypqt  ", "a QuickTime video (MOV)", "https://mp4ra.org/registered-types/brands"),
    (4, b"ftyp3g", "a 3GPP video", "RFC 3839"),
    (4, b"ftyp", "an MPEG-4 video", "ISO/IEC 14496-12, section 4.3"),
    (4, b"moov", "a QuickTime video (MOV)", f"{FILE}animation"),
    (4, b"mdat", "a QuickTime video (MOV)", f"{FILE}animation"),
    (4, b"wide", "a QuickTime video (MOV)", f"{FILE}animation"),
    (4, b"pnot", "a QuickTime video (MOV)", f"{FILE}animation"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM video", "RFC 8794, section 11.2.1"),
    (8, b"AVI ", "an AVI video", f"{LOC}000059.shtml"),
    (0, b"\0\0\1\xba", "an MPEG video", "ISO/IEC 13818-1, section 2.5.3.3"),
    (0, b"\0\0\1\xb3", "an MPEG video", "ISO/IEC 13818-2, section 6.2.2.1"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "a Windows Media video", f"{LOC}000091.shtml"),
    (0, b"FLV\1", "a Flash video", f"{LOC}000131.shtml"),
    (0, b"FWS", "a Flash animation", f"{LOC}000130.shtml"),
    (0, b"CWS", "a Flash animation", f"{LOC}000130.shtml"),
    (0, b".RMF", "a RealMedia video", f"{FILE}animation"),
    (0, b"YUV4MPEG2", "an uncompressed video (Y4M)", "https://wiki.multimedia.cx/YUV4MPEG2"),
    (0, b"OggS", "an Ogg video or sound", "RFC 3533, section 6"),
)

DOCUMENTS: tuple[Row, ...] = (
    (0, b"AT&TFORM", "a DjVu document", "https://www.djvu.org/docs/DjVu3Spec.djvu"),
    (0, b"\0\5\x16\7", "an AppleDouble file of macOS", "RFC 1740, appendix B"),
    (
        0,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a Microsoft Office document",
        "[MS-CFB], section 2.2",
    ),
    (30, b"[Content_Types].xml", "a Microsoft Office document", "ECMA-376, part 2"),
    (30, b"mimetypeapplication/vnd.oasis", "an OpenDocument file", "OpenDocument 1.3, part 2"),
    (30, b"mimetypeapplication/epub", "an EPUB document", "https://www.w3.org/TR/epub-33/"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file", "https://docs.hdfgroup.org/"),
    (0, b"GRIB", "a GRIB file", f"{FILE}grib"),
    (0, b"BUFR", "a BUFR file", f"{FILE}bufr"),
    (0, b"L\0\0\0\1\x14\2\0", "a Windows shortcut", "[MS-SHLLINK], section 2.1"),
    (0, b"bplist00", "a property list of macOS", f"{FILE}apple"),
)

ARCHIVES: tuple[Row, ...] = (
    (0, b"PK\3\4", "a ZIP archive", ZIP),
    (0, b"PK\5\6", "an empty ZIP archive", ZIP),
    (0, b"Rar!\x1a\7", "a RAR archive", "https://www.rarlab.com/technote.htm"),
    (0, b"7z\xbc\xaf'\x1c", "a 7z archive", f"{FILE}archive"),
    (0, b"\x1f\x8b", "a gzip file", "RFC 1952, section 2.3.1"),
    (0, b"BZh", "a bzip2 file", f"{FILE}compress"),
    (0, b"\xfd7zXZ\0", "an xz file", "https://tukaani.org/xz/xz-file-format.txt"),
    (0, b"(\xb5/\xfd", "a Zstandard file", "RFC 8878, section 3.1.1"),
    (257, b"ustar", "a tar archive", f"{FILE}archive"),
)

DAMAGE: tuple[Row, ...] = (
    (0, b"\x89PNG\n", "a PNG whose line breaks were converted", "PNG 3, section 5.2"),
    (0, b"\x89PNG\r\r\n", "a PNG whose line breaks were converted", "PNG 3, section 5.2"),
    (0, b"\0" * 512, "a file that begins with zeros", "no format does"),
)

FAMILIES: tuple[tuple[Family, tuple[Row, ...]], ...] = (
    ("image", IMAGES),
    ("drawing", DRAWINGS),
    ("raw photo", RAW_PHOTOS),
    ("image", HEIF),
    ("sound", SOUNDS),
    ("video", VIDEOS),
    ("document", DOCUMENTS),
    ("archive", ARCHIVES),
    ("damage", DAMAGE),
)


def find_signature(head: bytes) -> KnownFormat | None:
    """Return the format of a file that begins with these bytes, if the tables have it."""
    for family, rows in FAMILIES:
        for offset, magic, name, _ in rows:
            if head.startswith(magic, offset) and head[4:12] not in AVIF_STARTS:
                return KnownFormat(name, family)
    return None
