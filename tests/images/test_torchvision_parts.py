import sys

import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.images import torchvision_parts as vision
from lrreg_utils.images.torchvision_parts import torchvision_part

MEND = "install both anew, as a pair: pip install --force-reinstall torch torchvision"


@pytest.fixture(autouse=True)
def nothing_imported():
    torchvision_part.cache_clear()


def test_the_part_that_is_asked_for_is_given():
    assert torchvision_part("datasets") is sys.modules["torchvision.datasets"]


@pytest.mark.parametrize("error", [
    RuntimeError("operator torchvision::nms does not exist"), OSError("undefined symbol: _ZN3c10"),
    AttributeError("partially initialized module 'torchvision'"), ImportError("libcudart.so.12\nmore"),
])
def test_whatever_an_import_raises_is_one_line(monkeypatch, error):
    def fail(name):
        raise error

    monkeypatch.setattr(vision, "import_module", fail)
    with pytest.raises(UserError, match=MEND) as raised:
        torchvision_part("datasets")
    assert str(error).splitlines()[0] in str(raised.value)
    assert "\n" not in str(raised.value)


def test_no_torchvision(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    with pytest.raises(UserError, match=MEND):
        torchvision_part("datasets")


def test_a_pair_that_does_not_fit_costs_only_what_needs_it(run_python, make_folder, tmp_path):
    package = tmp_path / "other" / "torchvision"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')")
    printed = run_python(f'''
import sys
sys.path.insert(0, {str(tmp_path / "other")!r})
import lrreg_utils as lr
assert len(lr.load_images("digits", 8).train) == 1297
for attempt in (1, 2):  # the second meets a package that is half there
    for call in (lambda: lr.load_images({f"folder:{make_folder()}"!r}, 32), lambda: lr.fetch("cifar10")):
        try:
            call()
        except lr.UserError as error:
            print(error)
''')
    assert [line.endswith(MEND) for line in printed.splitlines()] == [True] * 4
