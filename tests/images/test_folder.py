import os
import shutil
import threading

import numpy as np
import pytest
import torch
from PIL import Image, ImageFile

from lrreg_utils import load_images
from lrreg_utils.errors import UserError
from lrreg_utils.files import cache_dir
from lrreg_utils.images import decoding as picture_decoding
from lrreg_utils.images import folder as folders


def read(folder, size=32):
    return load_images(f"folder:{folder}", size)


@pytest.fixture(autouse=True)
def nothing_in_memory():
    folders._images.cache_clear()


@pytest.fixture
def decoded(monkeypatch):
    """Counts the pictures that are decoded."""
    counted = []

    def decode(content, size):
        counted.append(len(content))
        return picture_decoding.decode(content, size)

    monkeypatch.setattr(folders, "decode", decode)
    return counted


def test_a_folder_is_read_with_its_classes_and_statistics(make_folder):
    folder = make_folder(classes=("ant", "bee", "cat"), train=5, test=2)
    images = read(folder)
    assert images.classes == ("ant", "bee", "cat")
    assert images.train.images.shape == (15, 3, 32, 32)
    assert images.test.labels.tolist() == [0, 0, 1, 1, 2, 2]
    pixels = images.train.images.double()
    assert images.mean.tolist() == pytest.approx(pixels.mean((0, 2, 3)).tolist(), rel=1e-5)
    assert images.std.tolist() == pytest.approx(pixels.std((0, 2, 3)).tolist(), rel=1e-5)
    with Image.open(folder / "train" / "ant" / "0.png") as picture:
        assert images.train.images[0].permute(1, 2, 0).tolist() == np.asarray(picture).tolist()


def test_the_centre_of_a_wide_image_is_kept(make_folder):
    folder = make_folder(size=(30, 10))
    for file in folder.rglob("*.png"):
        pixels = np.zeros((10, 30, 3), dtype=np.uint8)
        pixels[:, :10, 0] = pixels[:, 10:20, 1] = pixels[:, 20:, 2] = 200
        pixels[0] = 7  # two colours, so that there is something to learn
        Image.fromarray(pixels).save(file)
    image = read(folder, 10).test.images[0]
    assert image[:, 1:].flatten(1).unique(dim=1).flatten().tolist() == [0, 200, 0]


def test_a_larger_image_is_brought_to_size(make_folder):
    assert read(make_folder(size=(50, 40)), 16).train.images.shape[2:] == (16, 16)


def test_a_home_folder_is_found(make_folder, monkeypatch):
    folder = make_folder("ants")
    monkeypatch.setenv("HOME", str(folder.parent))
    assert len(load_images("folder:~/ants", 32).train) == 20


def test_decoded_images_are_kept_in_a_file_and_in_memory(make_folder, decoded):
    folder = make_folder()
    first = read(folder)
    assert read(folder) is first
    folders._images.cache_clear()
    assert read(folder).sha256 == first.sha256
    assert len(decoded) == 30
    assert len(list(cache_dir().iterdir())) == 1


@pytest.mark.parametrize("in_memory", [True, False])
def test_content_decides_not_size_nor_date(make_folder, in_memory):
    folder = make_folder(mode="RGB")
    cat, dog = (folder / "train" / name / "0.bmp" for name in ("cat", "dog"))
    for file in (cat, dog):
        Image.open(file.with_suffix(".png")).save(file)
        os.utime(file, (1, 1))
    first = read(folder)
    with_cat = cat.read_bytes()
    cat.write_bytes(dog.read_bytes())
    dog.write_bytes(with_cat)
    for file in (cat, dog):
        os.utime(file, (1, 1))
    if not in_memory:
        folders._images.cache_clear()
    swapped = read(folder)
    assert torch.equal(swapped.train.images[0], first.train.images[11])
    assert swapped.sha256 != first.sha256


@pytest.mark.parametrize("change", [
    lambda folder: (folder / "train" / "cat" / "0.png").unlink(),
    lambda folder: (folder / "train" / "cat" / "0.png").rename(folder / "train" / "cat" / "99.png"),
    lambda folder: (folder / "train" / "cat" / "0.png").rename(folder / "train" / "dog" / "99.png"),
    lambda folder: (folder / "test" / "cat" / "0.png").rename(folder / "train" / "cat" / "99.png"),
])
def test_a_changed_folder_is_noticed_and_one_file_is_kept_of_it(make_folder, change):
    folder = make_folder()
    first = read(folder)
    change(folder)
    assert read(folder).sha256 != first.sha256
    assert len(list(cache_dir().iterdir())) == 1


def test_a_renamed_class_is_noticed(make_folder):
    folder = make_folder()
    read(folder)
    for split in ("train", "test"):
        (folder / split / "dog").rename(folder / split / "fox")
    assert read(folder).classes == ("cat", "fox")


def test_another_decoder_decodes_again(make_folder, decoded, monkeypatch):
    folder = make_folder()
    read(folder)
    monkeypatch.setattr(Image, "__version__", "0.0")
    read(folder)
    assert len(decoded) == 60
    assert len(list(cache_dir().iterdir())) == 1


def test_pictures_filled_with_grey_on_demand_are_not_kept_for_others(make_folder, monkeypatch):
    folder = make_folder()
    file = folder / "train" / "cat" / "0.png"
    file.write_bytes(file.read_bytes()[:-400])
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    read(folder)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)
    with pytest.raises(UserError, match=r"cat/0\.png is not a readable image"):
        read(folder)


def test_what_a_killed_process_left_in_the_cache_is_removed(make_folder):
    folder = make_folder()
    read(folder)
    (cached,) = cache_dir().iterdir()
    cached.unlink()
    (cache_dir() / f".{cached.name}.x1y2").write_bytes(b"half")
    folders._images.cache_clear()
    read(folder)
    assert list(cache_dir().iterdir()) == [cached]


def test_a_file_that_changes_while_it_is_read(make_folder, monkeypatch):
    folder = make_folder()
    one, other = folder / "train" / "cat" / "0.png", folder / "train" / "cat" / "1.png"
    original = folders._decode

    def meanwhile(listing):
        one.write_bytes(other.read_bytes())
        return original(listing)

    monkeypatch.setattr(folders, "_decode", meanwhile)
    with pytest.raises(UserError, match=r"cat/0.png changed while it was read; start again"):
        read(folder)
    one.unlink()
    monkeypatch.setattr(folders, "_decode", lambda listing: [other.unlink(), original(listing)][1])
    with pytest.raises(UserError, match=r"cat/1.png cannot be read \(No such file or directory\)"):
        read(folder)


def test_two_readers_at_once_leave_one_sound_file(make_folder):
    folder, found = make_folder(), []

    def reader():
        folders._images.cache_clear()
        found.append(read(folder).sha256)

    readers = [threading.Thread(target=reader) for _ in range(4)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    assert len(set(found)) == 1
    assert len(found) == 4
    assert len(list(cache_dir().glob("*.pt"))) == 1


def test_a_folder_that_is_a_link_and_a_copy_give_the_same_images(make_folder, tmp_path):
    folder = make_folder()
    (tmp_path / "link").symlink_to(folder)
    shutil.copytree(folder, tmp_path / "copy")
    assert len({read(tmp_path / name).sha256 for name in ("link", "copy", "pictures")}) == 1


def test_all_files_that_cannot_be_used_are_named_at_once(make_folder):
    folder = make_folder()
    for index in range(3, 10):
        Image.new("L", (32, 32)).save(folder / "train" / "dog" / f"{index}.png")
    cat = folder / "train" / "cat"
    (cat / "0.png").write_bytes(b"")
    (cat / "1.png").write_text("not a picture")
    (cat / "2.png").write_bytes((cat / "3.png").read_bytes()[:500])
    (cat / "4.png").unlink()
    (cat / "4.png").symlink_to("none.png")
    Image.new("RGB", (31, 32)).save(folder / "test" / "cat" / "0.png")
    with pytest.raises(UserError) as raised:
        read(folder)
    line = str(raised.value)
    assert "\n" not in line
    assert line.startswith("data: 12 files cannot be used: ")
    for words in ("cat/0.png is not a readable image (it is empty)", "cat/4.png is a link to nothing",
                  "cat/1.png is not a readable image (it does not begin as one)", "dog/3.png is grayscale",
                  ", and 2 more; ", "every image must be RGB", "every image must be at least 32x32"):
        assert words in line, words
    assert line.count("every image must be RGB") == 1


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "\x1b[31m", "\udcff"])
def test_any_name_is_told_in_one_printable_line(make_folder, name):
    folder = make_folder()
    (folder / "train" / "cat" / f"{name}.png").write_bytes(b"")
    with pytest.raises(UserError) as raised:
        read(folder)
    assert str(raised.value).isprintable()
    str(raised.value).encode()


def test_more_pictures_than_memory(make_folder, monkeypatch):
    def full(*shape, dtype):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    folder = make_folder()
    monkeypatch.setattr(torch, "empty", full)
    with pytest.raises(UserError, match="30 images of 32x32 need 0 GB of memory; choose a smaller size"):
        read(folder)


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_a_damaged_cache_is_made_again(make_folder, keep):
    folder = make_folder()
    first = read(folder)
    (cached,) = cache_dir().iterdir()
    whole = cached.read_bytes()
    cached.write_bytes(whole[:keep])
    folders._images.cache_clear()
    assert read(folder).sha256 == first.sha256
    assert len(cached.read_bytes()) == len(whole)


@pytest.mark.parametrize("damage", [
    lambda images, labels: (images.float(), labels), lambda images, labels: (images[:-1], labels[:-1]),
    lambda images, labels: (images[:, :, :8], labels), lambda images, labels: (images, labels.flip(0)),
])
def test_a_cache_of_something_else_is_made_again(make_folder, damage):
    folder = make_folder()
    first = read(folder)
    (cached,) = cache_dir().iterdir()
    stored = torch.load(cached, weights_only=True)
    torch.save({**stored, "train": damage(*stored["train"])}, cached)
    folders._images.cache_clear()
    assert read(folder).sha256 == first.sha256


def test_a_flipped_bit_in_the_cache_is_found(make_folder):
    folder = make_folder()
    first = read(folder)
    (cached,) = cache_dir().iterdir()
    content = bytearray(cached.read_bytes())
    content[len(content) // 2] ^= 1
    cached.write_bytes(content)
    folders._images.cache_clear()
    assert read(folder).sha256 == first.sha256


@pytest.mark.parametrize("error", [RuntimeError("file write failed"), OSError(28, "No space left")])
def test_a_full_disk_under_the_cache_is_done_without(make_folder, monkeypatch, error):
    def full(content, target):
        raise error

    monkeypatch.setattr(torch, "save", full)
    assert len(read(make_folder()).train) == 20


def test_a_cache_that_cannot_be_written_is_done_without(make_folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LRREG_CACHE", str(tmp_path / "file" / "cache"))
    assert len(read(make_folder()).train) == 20


def test_no_home_folder_is_done_without(make_folder, monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("LRREG_CACHE")
    monkeypatch.setattr("pathlib.Path.home", homeless)
    assert len(read(make_folder()).train) == 20


def test_one_class_is_too_few(make_folder):
    with pytest.raises(UserError, match=r"has one class \(ant\)"):
        read(make_folder(classes=("ant",)))


def test_images_of_one_colour_are_refused(make_folder):
    folder = make_folder()
    for file in folder.rglob("*.png"):
        Image.new("RGB", (32, 32), "red").save(file)
    with pytest.raises(UserError, match="all one colour"):
        read(folder)


@pytest.mark.parametrize(("mode", "words"), [
    ("L", "is grayscale"), ("1", "is grayscale"), ("RGBA", "is of mode RGBA"), ("P", "is of mode P"),
])
def test_every_image_must_be_rgb(make_folder, mode, words):
    with pytest.raises(UserError, match=words):
        read(make_folder(mode=mode))
