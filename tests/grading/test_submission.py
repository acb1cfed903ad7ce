"""A submission may do what it likes: what is right is still read, and the grader lives."""

import os
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lrreg_utils.grading import submission
from lrreg_utils.grading.student import NoAnswer, Student
from lrreg_utils.grading.submission import Limits, Submission
from lrreg_utils.grading.wire import Tensor

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
SLOW = "took too long and was stopped."
# What each cell does, and what the student is told; "" where it does no harm
HOSTILE = {
    "while True: pass": SLOW,
    "while True:\n    try:\n        while True: pass\n    except BaseException: pass": SLOW,
    "import os; os._exit(0)": "ended the notebook's process.",
    "import os; os.kill(os.getpid(), 9)": "was ended by SIGKILL.",
    "import ctypes; ctypes.string_at(0)": "was ended by SIGSEGV.",
    "bytearray(10**12)": "ends with MemoryError: ",
    "print('x' * 2**20)": "",
    "exit()": "",
    "quit()": "",
    "raise SystemExit": "ends with SystemExit: ",
    "import sys; sys.setrecursionlimit(10**6)\ndef deep(): return deep()": "",
    "1 +": "ends with SyntaxError: ",
    "undefined_name": "ends with NameError: name 'undefined_name' is not defined",
    "open('large', 'wb').write(bytes(2**27))": "ends with OSError: [Errno 27] File too large",
    "import os; os.closerange(3, 1000)": "ended the notebook's process.",
    "import numpy\nnumpy.testing.assert_allclose = numpy.allclose = lambda *a, **k: True\n"
    "import builtins; builtins.abs = lambda x: 0": "",
    "import threading\nthreading.Thread(target=lambda: [0 for _ in iter(int, 1)], daemon=True).start()": "",
}
ANSWERS = """
import time
def right(x): return 2 * x
def slow(): time.sleep(60)
def leaves(): import os; os._exit(0)
def large(): return bytearray(10**12)
def nothing(): ...
def thing(): return object()
def broken(): return [1][2]
def counts(seen=[]): seen.append(1); return len(seen)
"""


@pytest.fixture(scope="module")
def hostile():
    """A notebook of hostile cells, each with an answer after it."""
    cells = [line for place, cell in enumerate(HOSTILE) for line in (cell, f"answer_{place} = {place}")]
    with Submission([*cells, ANSWERS], Limits(cell=4, call=2, memory=2**29)) as made:
        yield made


def test_every_answer_beside_a_hostile_cell_is_read(hostile):
    student = Student(hostile)
    assert [getattr(student, f"answer_{place}") for place in range(len(HOSTILE))] == list(range(len(HOSTILE)))


def test_the_student_is_told_which_cell_failed_and_how(hostile):
    expected = [f"Code cell {2 * place + 1} {said}" for place, said in enumerate(HOSTILE.values()) if said]
    assert len(hostile.problems) == len(expected), hostile.problems
    assert [problem[:len(line)] for problem, line in zip(hostile.problems, expected, strict=True)] == expected


@pytest.mark.parametrize(("name", "said"), [
    ("slow", "took too long and was stopped"),
    ("leaves", "ended the notebook's process"),
    ("large", "ends with MemoryError"),
    ("nothing", "gives nothing yet: replace the dots by your answer"),
    ("thing", "gives a value of type object; numbers, lists or arrays can be tested"),
    ("broken", "ends with IndexError: list index out of range"),
    ("missing", "is not defined: run the cell with your answer"),
])
def test_an_answer_that_fails_is_one_sentence_and_costs_no_other(hostile, name, said):
    student = Student(hostile)
    with pytest.raises(NoAnswer, match=f"`{name}` {said}"):
        getattr(student, name)()
    assert student.right(21) == 42


def test_no_answer_changes_another(hostile):
    student = Student(hostile)
    assert [student.counts(), student.counts()] == [1, 1]


def test_what_the_notebook_patches_is_not_patched_here(hostile):
    assert not np.allclose(Student(hostile).right(1), 3)
    assert abs(-1) == 1


def test_a_notebook_that_kills_its_parents_loses_that_cell_only():
    cells = ["before = 1", "import os, signal\nos.killpg(0, signal.SIGKILL)", "after = 2"]
    with Submission(cells) as made:
        student = Student(made)
        assert (student.before, student.after) == (1, 2)
        assert made.problems == ["Code cell 2 ended all of the notebook's processes."]


def test_a_notebook_that_writes_into_the_channel_ends_and_says_so():
    cell = ("import os\nfor place in range(3, 50):\n    try: os.write(place, b'\\xff' * 9)\n"
            "    except OSError: pass")
    with Submission(["before = 1", cell, "after = 2"]) as made:
        assert Student(made).after == 2
        assert made.problems == ["Code cell 2 ended all of the notebook's processes."]


def test_when_the_notebooks_time_is_over_what_ran_is_graded():
    with Submission(["early = 1", "import time; time.sleep(60)", "late = 2"],
                    Limits(notebook=3 - submission.START_SECONDS)) as made:
        student = Student(made)
        assert student.early == 1
        with pytest.raises(NoAnswer, match="`late` is not defined"):
            _ = student.late


def test_tensors_arrive_as_tensors_and_come_back_as_arrays():
    with Submission(["def double(x):\n    return {'kind': type(x).__name__, 'twice': (2 * x, [x.sum()])}"],
                    imports=("torch",)) as made:
        found = Student(made).double(Tensor(np.array([[1.0, 2.0]])))
    assert found["kind"] == "Tensor"
    np.testing.assert_array_equal(found["twice"][0], [[2.0, 4.0]])
    assert found["twice"][1][0] == 3.0


def test_nothing_is_left_behind():
    with Submission(["import subprocess\nchild = subprocess.Popen(['sleep', '600']).pid"]) as made:
        child, folder = Student(made).child, made.folder
    for _ in range(100):
        if not Path(f"/proc/{child}/cmdline").exists() or not Path(f"/proc/{child}/cmdline").read_bytes():
            break
        time.sleep(0.05)
    else:
        pytest.fail("the child lives")
    assert not folder.exists()


@pytest.fixture
def readable_python(tmp_path_factory, monkeypatch):
    """Python and the package where any user may read them, as they are on a grading server."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a submission as another user")
    folder = Path(tmp_path_factory.mktemp("python"))
    library = Path(os.__file__).parent
    skip = shutil.ignore_patterns("site-packages", "test", "idlelib", "ensurepip", "*.a", "__pycache__")
    shutil.copytree(library, folder / "lib" / library.name, ignore=skip)
    shutil.copy(Path(sys.executable).resolve(), folder / "python")
    for library in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
        shutil.copy(library, folder / "lib")
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(parent.stat().st_mode | 0o555)
    monkeypatch.setenv("PYTHONHOME", str(folder))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(folder / "lib"))
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    if not submission.can_run_as_nobody():
        pytest.skip("another user can read no Python here")


def test_as_another_user_it_reads_none_of_the_graders_files(readable_python, tmp_path):
    secret = tmp_path / "tests" / "q1.py"
    secret.parent.mkdir()
    secret.write_text("the hidden test")
    tmp_path.chmod(0o700)
    cells = [f"found = open({str(secret)!r}).read()", "import os; user = os.geteuid()",
             f"import os; os.kill({os.getpid()}, 9)", "end = 1"]
    with Submission(cells) as made:
        student = Student(made)
        assert made.apart
        assert student.user != 0
        assert student.end == 1
        with pytest.raises(NoAnswer, match="`found` is not defined"):
            _ = student.found
        assert "PermissionError" in made.problems[0]
        assert "PermissionError" in made.problems[1]


def test_without_root_it_runs_as_the_same_user(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not submission.can_run_as_nobody()
