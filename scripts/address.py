"""Write the repository's address wherever it stands: ``python scripts/address.py OWNER/NAME [REVISION]``.

``_config.yml`` says what the address is now; without an argument it is printed. A revision, such as the
tag of a release, is what notebooks then install and Colab opens; else it is the branch main.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HOSTS = ("github.com", "colab.research.google.com/github", "raw.githubusercontent.com")
ADDRESS = r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+"
BRANCH = re.compile(r"^(  branch: )(.*)$", re.MULTILINE)
# The last line of a set-up cell: with an address it installs the package, without one it says what to do
INSTALL = '    %pip install -q "lrreg_utils[widget] @ git+https://github.com/{address}{at}"\n'
MISSING = ("    raise SystemExit('Install the book first, in a cell above: "
           "%pip install PATH, its folder or a .zip of it')\n")
INSTALLS = re.compile(
    re.escape(json.dumps(MISSING))
    + rf'|"    %pip install -q \\"lrreg_utils\[widget\] @ git\+https://github\.com/{ADDRESS}(?:@[\w.-]+)?\\"\\n"')
HIDDEN = re.compile(r"<!-- once there is an address\s(.*?)\s-->", re.DOTALL)  # links that lead nowhere yet


def is_known(address: str) -> bool:
    """Whether somebody has written the address of the repository, or of anything in it.

    As delivered, the owner is ``OWNER``.
    """
    return "OWNER" not in address.split("/")


def current() -> str:
    """The repository's ``OWNER/NAME`` as ``_config.yml`` has it."""
    found = re.search(rf"https://github\.com/({ADDRESS})", (ROOT / "_config.yml").read_text(encoding="utf-8"))
    if not found:
        sys.exit("error: _config.yml holds no address https://github.com/OWNER/NAME")
    return found[1]


def branch() -> str:
    """The revision that Colab opens, as ``_config.yml`` has it."""
    return BRANCH.search((ROOT / "_config.yml").read_text(encoding="utf-8"))[2]


def site(address: str) -> str:
    """Where GitHub serves the site of a repository."""
    owner, name = address.split("/")
    return f"{owner}.github.io/{name}"


def install_line(address: str, revision: str = "main") -> str:
    """The last line of a set-up cell."""
    return INSTALL.format(address=address, at="" if revision == "main" else f"@{revision}") \
        if is_known(address) else MISSING


def changed(text: str, old: str, new: str, before: str, revision: str) -> str:
    """A file's text with the new address and revision in place of the old ones."""
    for host in HOSTS:
        text = text.replace(f"{host}/{old}", f"{host}/{new}")
    text = text.replace(site(old), site(new))
    text = text.replace(f"github/{new}/blob/{before}/", f"github/{new}/blob/{revision}/")
    text = INSTALLS.sub(lambda _: json.dumps(install_line(new, revision)), text)
    return HIDDEN.sub(r"\1", text) if is_known(new) else text


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines()]


def rewrite(new: str, revision: str) -> None:
    """Write the address, and that of the site which GitHub serves, into every tracked text file."""
    old, before = current(), branch()
    for path in tracked_files():
        if path in (Path(__file__), ROOT / "tests" / "project" / "test_address.py"):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found = changed(text, old, new, before, revision)
        if path == ROOT / "_config.yml":
            found = BRANCH.sub(rf"\g<1>{revision}", found)
        if found != text:
            path.write_text(found, encoding="utf-8")
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            print(current())
        case [place, *revision] if re.fullmatch(rf"{ADDRESS}( [\w.-]+)?", " ".join([place, *revision])):
            rewrite(place, revision[0] if revision else "main")
        case _:
            sys.exit("error: say the address as OWNER/NAME, for example: make address REPOSITORY=owner/name")
