import os

import pytest
from PIL import Image
from torchvision.datasets.folder import IMG_EXTENSIONS, ImageFolder

from lrreg_utils.errors import UserError
from lrreg_utils.images.folder_files import ENDINGS, list_classes


@pytest.fixture
def train(make_folder):
    return make_folder() / "train"


def listed(folder):
    return [(path, label) for label, paths in enumerate(list_classes(folder).values()) for path in paths]


def test_endings_are_torchvisions():
    assert set(ENDINGS) == set(IMG_EXTENSIONS)


def test_classes_and_order_are_imagefolders(train):
    for name in ("sub/a", "sub", "sub-2", "Sub", "sub/ä"):
        folder = train / "cat" / name
        folder.mkdir(parents=True, exist_ok=True)
        for picture in ("10.png", "9.PNG", "9.png", "b.JpEg", "é.webp"):
            (folder / picture).write_bytes(b"")
    (train / "cat" / "notes.txt").write_text("no picture")
    (train / "loose.png").write_bytes(b"")
    (train / "linked").symlink_to(train / "cat" / "sub")
    expected = ImageFolder(train)
    assert list(list_classes(train)) == expected.classes
    assert listed(train) == expected.samples


@pytest.mark.parametrize("name", [
    ".ipynb_checkpoints", ".thumbnails", ".Trash", ".git", "__MACOSX", "@eaDir", "#recycle", "$RECYCLE.BIN",
    "System Volume Information", "lost+found",
])
def test_folders_that_were_left_behind_are_passed_over(train, name):
    before = listed(train)
    for folder in (train / name, train / "cat" / name, train / "cat" / name / "deep"):
        folder.mkdir(parents=True)
        Image.new("RGB", (32, 32)).save(folder / "0-checkpoint.png")
    assert listed(train) == before
    assert list(list_classes(train)) == ["cat", "dog"]


def test_hidden_files_are_passed_over_whatever_they_are(train):
    before = listed(train)
    (train / "cat" / "._0.png").write_bytes(b"\0\5\26\7\0\2\0\0")
    (train / "cat" / ".DS_Store").write_bytes(b"")
    (train / "cat" / ".broken.png").symlink_to("none")
    os.mkfifo(train / "cat" / ".pipe.png")
    (train / "cat" / ".up").symlink_to(train)
    assert listed(train) == before


def test_a_hidden_folder_may_hold_the_whole_data_set(train, tmp_path):
    hidden = tmp_path / ".data"
    train.parent.rename(hidden)
    assert len(listed(hidden / "train")) == 20


def test_every_class_that_is_empty_without_them_is_named(train):
    for name in ("ant", "bee"):
        (train / name).mkdir()
        (train / name / "._0.png").write_bytes(b"")
    with pytest.raises(UserError, match=r"train: no picture in ant, bee; a class needs files that end"):
        list_classes(train)


def test_only_hidden_folders_are_no_classes(tmp_path):
    (tmp_path / "train" / ".ipynb_checkpoints").mkdir(parents=True)
    with pytest.raises(UserError, match="holds no class folder; the layout is train/CLASS/IMAGE"):
        list_classes(tmp_path / "train")


def test_a_folder_that_shows_its_names_and_nothing_else(train, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not path.endswith("dog"))
    with pytest.raises(UserError, match=r"train/dog cannot be read \(Permission denied\)"):
        list_classes(train)
