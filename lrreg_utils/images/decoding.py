"""One picture file as pixels: upright, in sRGB, brought to one size.

What a file says of its orientation (EXIF) and of its colours (an embedded profile) is obeyed, as a viewer
does; a statement that is broken says nothing. PNG's gamma and chromaticities are not applied: pixels are
taken as they are stored. Channels of 16 bits are cut to their upper 8.
"""

import functools
import io
import warnings

import numpy as np
import torch
from PIL import ExifTags, Image, ImageCms, ImageFile, UnidentifiedImageError, features

from lrreg_utils.images.folder_files import Unusable
from lrreg_utils.images.torchvision_parts import torchvision_part

# What the endings stand for; Pillow's other readers, some of which start programs, are left alone
FORMATS = ("BMP", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DECODING = 2  # to be counted up whenever the same file would give other pixels
_LIBRARIES = ("jpg", "libjpeg_turbo", "libtiff", "littlecms2", "webp", "zlib")


def decoder_id() -> str:
    """Everything besides a file's bytes that its pixels depend on: this module, Pillow and its libraries.

    Pillow fills damaged files with grey where a program has told it to; such pixels are kept apart, too.
    """
    versions = [f"{name} {features.version(name)}" for name in _LIBRARIES]
    filled = ImageFile.LOAD_TRUNCATED_IMAGES
    return f"decoding {_DECODING}, filled {filled}, Pillow {Image.__version__}, {', '.join(versions)}"


def decode(content: bytes, image_size: int) -> torch.Tensor:
    """One RGB picture, its shorter side brought to ``image_size`` and its centre cut out.

    Returns:
        uint8 (3, image_size, image_size).

    Raises:
        Unusable: no picture, a damaged one, several in one file, one without three colours, or one too small.
        UserError: torchvision does not fit torch.
    """
    transforms = torchvision_part("transforms.functional")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # made errors by ``-W error``, they would refuse sound pictures
        image = _upright_srgb(content)
    if min(image.size) < image_size:
        raise Unusable(
            f"is {image.width}x{image.height}",
            f"every image must be at least {image_size}x{image_size}: remove it or choose a smaller size",
        )
    cut = transforms.center_crop(transforms.resize(image, image_size), image_size)
    return transforms.pil_to_tensor(cut)


def _upright_srgb(content: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            # A phone's JPEG may carry a preview or a depth map behind the picture (MPO): the first is meant
            pictures = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
            image.load()
    except Exception as error:  # decoders raise nearly every kind for a damaged file
        reason = _reason(error, content)
        raise Unusable(f"is not a readable image ({reason})", "replace it or remove it") from None
    if pictures > 1:
        raise Unusable(f"holds {pictures} images", "every file must hold one: take it out and start again")
    if image.mode != "RGB":
        grey = image.mode in ("1", "L", "LA", "La", "F") or image.mode.startswith("I")
        raise Unusable("is grayscale" if grey else f"is of mode {image.mode}",
                       "every image must be RGB: convert it and start again")
    return _to_srgb(_upright(image))


def _reason(error: Exception, content: bytes) -> str:
    if not content:
        return "it is empty"
    if isinstance(error, UnidentifiedImageError):
        return "it does not begin as one"
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def _upright(image: Image.Image) -> Image.Image:
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # broken EXIF; Pillow's own exif_transpose fails on much of it, too
        turn = None
    return image if turn is None else image.transpose(turn)


def _to_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    transform = _from_profile(profile) if isinstance(profile, bytes) else None
    return image if transform is None else ImageCms.applyTransform(image, transform)


@functools.lru_cache(maxsize=16)
def _from_profile(profile: bytes) -> ImageCms.ImageCmsTransform | None:
    """What brings pixels to sRGB; None where they are sRGB already, or where the profile is broken."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    colours = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)
    moved = np.asarray(ImageCms.applyTransform(Image.fromarray(colours), transform))
    # sRGB profiles of several makers differ by rounding, which is no reason to touch a pixel
    return transform if np.abs(moved.astype(int) - colours).max() > 2 else None
