import io
import random
import struct

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms, ImageOps, PngImagePlugin
from torchvision.transforms import functional

from lrreg_utils.images import decoding as picture_decoding
from lrreg_utils.images.decoding import decode
from lrreg_utils.images.folder_files import Unusable

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF")
# x, y of the primaries, and the power of the tone curve
ADOBE_RGB = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), 2.2
DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), 2.2


def picture(width=60, height=40):
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def saved(image, kind="PNG", **how):
    file = io.BytesIO()
    image.save(file, kind, **({"lossless": True} if kind == "WEBP" else {}) | how)
    return file.getvalue()


def expected(image, size=32):
    """What torchvision makes of a picture that is upright and in sRGB."""
    return functional.pil_to_tensor(functional.center_crop(functional.resize(image, size), size))


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block


def profile(primaries, gamma):
    """An ICC profile of RGB by its primaries under D65, in version 2: what cameras embed."""
    white = np.array([0.3127, 0.3290, 0.3583]) / 0.3290
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    pcs = np.array([0.9642, 1, 0.8249])
    adapt = np.linalg.inv(bradford) @ np.diag((bradford @ pcs) / (bradford @ white)) @ bradford
    columns = adapt @ (columns * np.linalg.solve(columns, white))

    def xyz(values):
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"test\0"
    name = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    parts = {b"desc": name, b"cprt": b"text\0\0\0\0" + text, b"wtpt": xyz(pcs), b"rXYZ": xyz(columns[:, 0]),
             b"gXYZ": xyz(columns[:, 1]), b"bXYZ": xyz(columns[:, 2]), b"rTRC": curve, b"gTRC": curve,
             b"bTRC": curve}
    table, body = struct.pack(">I", len(parts)), b""
    for tag, content in parts.items():
        table += tag + struct.pack(">II", 128 + 4 + 12 * len(parts) + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">I4s4s4s4s4s12s4s", 128 + len(table) + len(body), b"lcms", b"\2\x10\0\0", b"mntr",
                       b"RGB ", b"XYZ ", struct.pack(">6H", 2020, 1, 1, 0, 0, 0), b"acsp")
    head += bytes(28) + struct.pack(">3i", *(round(value * 65536) for value in pcs))
    return head + bytes(128 - len(head)) + table + body


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "PPM"])
def test_pixels_are_torchvisions(kind):
    content = saved(picture(), kind)
    with Image.open(io.BytesIO(content)) as image:
        assert torch.equal(decode(content, 32), expected(image))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(kind, orientation):
    content = saved(picture(), kind, exif=exif(orientation))
    with Image.open(io.BytesIO(content)) as image:
        assert torch.equal(decode(content, 32), expected(ImageOps.exif_transpose(image)))


def test_a_turned_picture_has_its_top_where_a_viewer_shows_it():
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:20] = 255
    turned = decode(saved(Image.fromarray(pixels), "JPEG", exif=exif(6)), 32).float()
    assert turned[:, :, 24:].mean() > 250 > 5 > turned[:, :, :8].mean()


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_an_orientation_that_does_not_exist_turns_nothing(orientation):
    assert torch.equal(decode(saved(picture(), exif=exif(orientation)), 32), expected(picture()))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("broken", [
    b"Exif\0\0", b"Exif\0\0garbage", b"Exif\0\0Exif\0\0II*\0\x08\0\0\0\0\0", b"Exif\0\0MM\0*\xff\xff\xff\xff",
    b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01\x03\0", b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\2\0\4\0\0\0abc\0",
])
def test_broken_exif_says_nothing(kind, broken):
    plain = saved(picture(), kind)
    assert torch.equal(decode(saved(picture(), kind, exif=broken), 32), decode(plain, 32))


def test_exif_that_cannot_be_written_again_still_turns():
    """ImageOps.exif_transpose writes the block anew, and fails on numbers that do not fit their kind."""
    block = exif(3)
    block[0x011A] = 72.0
    broken = block.tobytes().replace(struct.pack(">II", 72, 1), struct.pack(">II", 0, 0))
    content = saved(picture(), exif=broken)
    assert torch.equal(decode(content, 32), expected(picture().rotate(180)))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("space", [ADOBE_RGB, DISPLAY_P3])
def test_other_colour_spaces_are_brought_to_srgb(kind, space):
    plain = Image.new("RGB", (40, 40), (200, 100, 50))
    found = decode(saved(plain, kind, icc_profile=profile(*space)), 32)[:, 16, 16].tolist()
    linear = (np.array([200, 100, 50]) / 255) ** space[1]

    def to_xyz(primaries):
        columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
        return columns * np.linalg.solve(columns, np.array([0.3127, 0.3290, 0.3583]) / 0.3290)

    of_srgb = to_xyz(((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)))
    srgb = np.linalg.solve(of_srgb, to_xyz(space[0]) @ linear).clip(0, 1)
    right = 255 * np.where(srgb <= 0.0031308, 12.92 * srgb, 1.055 * srgb ** (1 / 2.4) - 0.055)
    assert np.abs(np.array(found) - right).max() < 4
    assert np.abs(np.array(found) - [200, 100, 50]).max() > 8


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("says", [
    ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    b"", b"no profile", profile(*ADOBE_RGB)[:200],
    ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(),
])
def test_a_profile_of_srgb_or_a_broken_one_changes_no_pixel(kind, says):
    content = saved(picture(), kind, icc_profile=says)
    with Image.open(io.BytesIO(content)) as image:
        assert torch.equal(decode(content, 32), expected(image))


def test_gamma_of_a_png_is_not_applied():
    chunks = PngImagePlugin.PngInfo()
    chunks.add(b"gAMA", struct.pack(">I", 100000))
    assert torch.equal(decode(saved(picture(), pnginfo=chunks), 32), expected(picture()))


@pytest.mark.parametrize(("mode", "kind", "words"), [
    ("L", "PNG", "is grayscale"), ("1", "PNG", "is grayscale"), ("LA", "PNG", "is grayscale"),
    ("I;16", "PNG", "is grayscale"), ("I;16", "TIFF", "is grayscale"), ("F", "TIFF", "is grayscale"),
    ("RGBA", "PNG", "is of mode RGBA"), ("P", "PNG", "is of mode P"), ("CMYK", "JPEG", "is of mode CMYK"),
    ("RGBA", "WEBP", "is of mode RGBA"), ("LAB", "TIFF", "is of mode LAB"),
])
def test_every_image_must_be_rgb(mode, kind, words):
    with pytest.raises(Unusable, match=words):
        decode(saved(Image.new(mode, (40, 40)), kind), 32)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_several_images_in_one_file_are_refused(kind):
    more = [picture().rotate(90), picture().rotate(180)]
    content = saved(picture(), kind, save_all=True, append_images=more)
    with pytest.raises(Unusable, match="holds 3 images"):
        decode(content, 32)


def test_the_preview_behind_a_phones_picture_is_passed_over():
    content = saved(picture(), "MPO", save_all=True, append_images=[picture(30, 20)])
    assert torch.equal(decode(content, 32), decode(saved(picture(), "JPEG"), 32))


@pytest.mark.parametrize("content", [
    b"", b"\0" * 100, b"<html>", saved(picture(), "GIF"),
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 40\n",
])
def test_what_is_no_picture_of_these_formats(content):
    with pytest.raises(Unusable, match="is not a readable image"):
        decode(content, 32)


def test_a_picture_too_large_to_be_meant(monkeypatch):
    content = saved(picture())
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1500)  # 60 x 40 is more, and less than twice as much
    assert torch.equal(decode(content, 32), expected(picture()))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(Unusable, match=r"is not a readable image .*decompression bomb"):
        decode(content, 32)


@pytest.mark.parametrize("error", [
    MemoryError(), KeyError("x"), IndexError("x"), EOFError(), struct.error("x"), OverflowError("x\ny"),
    TypeError("x"), RecursionError(),
])
def test_whatever_a_decoder_raises_is_one_reason(error, monkeypatch):
    def fail(*arguments, **named):
        raise error

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(Unusable) as raised:
        decode(b"x", 32)
    assert "\n" not in raised.value.fault


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "PPM"])
def test_damaged_files_are_read_or_refused(kind):
    whole = saved(picture(), kind, **{} if kind in ("BMP", "PPM") else
                  {"exif": exif(6), "icc_profile": profile(*ADOBE_RGB)})
    rng = random.Random(0)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(rng.choice((1, 1, 4, 30))):
            damaged[rng.randrange(min(len(damaged), rng.choice((40, 1000, 10**6))))] = rng.randrange(256)
        if rng.random() < 0.2:
            del damaged[rng.randrange(len(damaged)):]
        try:
            assert decode(bytes(damaged), 32).shape == (3, 32, 32)
        except Unusable as reason:
            assert reason.fault


def test_the_decoders_name_has_its_versions():
    name = picture_decoding.decoder_id()
    assert f"Pillow {Image.__version__}" in name
    assert "jpg None" not in name
