"""What lies in a folder of pictures: its classes, their files, and what is passed over.

The rules are those of torchvision's ImageFolder, with two differences. What an operating system or an editor
leaves beside pictures is no class and no picture. And nothing is left out without a word, nor waited for:
not what may not be read, nor a pipe, nor a link to a folder above.
"""

import os
import stat
from pathlib import Path

from lrreg_utils.errors import UserError

ENDINGS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
# Besides every name that begins with a dot; in small letters
_LEFT_BEHIND = frozenset({
    "__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "#recycle", "#snapshot", "@recycle",
    "@recently-snapshot", "$recycle.bin", "system volume information", "lost+found",
})
_NAMED = 10  # of the files that cannot be used


class Unusable(Exception):
    """A file that cannot be used as a picture: what is wrong with it, and how that is mended."""

    def __init__(self, fault: str, mend: str) -> None:
        super().__init__(fault, mend)
        self.fault, self.mend = fault, mend


def data_error(text: str) -> UserError:
    """A mistake in the data, as one line that can be printed, whatever bytes the name of a file holds."""
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return UserError("data: " + "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    ))


def unusable_files(found: list[tuple[str, Unusable]]) -> UserError:
    """One line for all files that cannot be used: the first ten by name, and how many more there are."""
    faults = ", ".join(f"{path} {reason.fault}" for path, reason in found[:_NAMED])
    mends = "; ".join(dict.fromkeys(reason.mend for _, reason in found))
    if len(found) == 1:
        return data_error(f"{faults}; {mends}")
    more = f", and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return data_error(f"{len(found)} files cannot be used: {faults}{more}; {mends}")


def list_classes(folder: Path) -> dict[str, list[str]]:
    """The class folders of ``folder``, by name, and the files in each that have the ending of a picture.

    Raises:
        UserError: no class, a class without a picture, a folder that cannot be read, or a link to one above.
    """
    identity, names = _look_into(os.fspath(folder))
    paths = {name: os.path.join(folder, name) for name in names}
    classes = {
        name: _pictures(path, frozenset({identity})) for name, path in paths.items() if os.path.isdir(path)
    }
    if not classes:
        raise data_error(f"{folder} holds no class folder; the layout is {folder.name}/CLASS/IMAGE")
    if empty := [name for name, pictures in classes.items() if not pictures]:
        raise data_error(f"{folder}: no picture in {', '.join(empty)}; a class needs files that end in "
                         f"{', '.join(ENDINGS)}, and names with a dot in front are passed over")
    return classes


def read_file(path: str) -> bytes:
    """Everything in one ordinary file.

    Raises:
        Unusable: it is none, or it cannot be read.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Unusable("is not an ordinary file", "remove it")
        with open(path, "rb") as source:
            return source.read()
    except OSError as error:
        if os.path.islink(path) and not os.path.exists(path):
            raise Unusable("is a link to nothing", "remove it or put the picture there") from None
        raise Unusable(f"cannot be read ({error.strerror})", "make it readable or remove it") from None


def _pictures(folder: str, above: frozenset) -> list[str]:
    """Every picture at any depth, ordered as ImageFolder does: by folder, then by name."""
    found, waiting = [], [(folder, above)]
    while waiting:
        path, above = waiting.pop()
        identity, names = _look_into(path)
        if identity in above:
            raise data_error(f"{path} is a link to a folder above it; remove the link")
        for name in names:
            entry = os.path.join(path, name)
            if os.path.isdir(entry):
                waiting.append((entry, above | {identity}))
            elif name.lower().endswith(ENDINGS):
                found.append((path, name))
    return [os.path.join(path, name) for path, name in sorted(found)]


def _look_into(path: str) -> tuple[tuple[int, int], list[str]]:
    try:
        status = os.stat(path)
        names = sorted(name for name in os.listdir(path)
                       if not name.startswith(".") and name.lower() not in _LEFT_BEHIND)
    except OSError as error:
        raise data_error(f"the folder {path} cannot be read ({error.strerror})") from None
    if not os.access(path, os.X_OK):  # its names can be seen, what they stand for cannot
        raise data_error(f"the folder {path} cannot be read (Permission denied)")
    return (status.st_dev, status.st_ino), names
