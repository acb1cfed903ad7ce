"""Write the repository's address wherever it stands: ``python scripts/address.py OWNER/NAME``.

``_config.yml`` says what the address is now; without an argument it is printed.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
HOSTS = ("github.com", "colab.research.google.com/github")
ADDRESS = r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+"


def current() -> str:
    """The repository's ``OWNER/NAME`` as ``_config.yml`` has it."""
    found = re.search(rf"https://github\.com/({ADDRESS})", (ROOT / "_config.yml").read_text(encoding="utf-8"))
    if not found:
        sys.exit("error: _config.yml holds no address https://github.com/OWNER/NAME")
    return found[1]


def site(address: str) -> str:
    """Where GitHub serves the site of a repository."""
    owner, name = address.split("/")
    return f"{owner}.github.io/{name}"


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines()]


def rewrite(old: str, new: str) -> None:
    """Replace the address, and that of the site which GitHub serves, in every tracked text file."""
    changes = {f"{host}/{old}": f"{host}/{new}" for host in HOSTS} | {site(old): site(new)}
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        changed = text
        for one, other in changes.items():
            changed = changed.replace(one, other)
        if changed != text:
            path.write_text(changed, encoding="utf-8")
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print(current())
    elif len(sys.argv) == 2 and re.fullmatch(ADDRESS, sys.argv[1]):
        rewrite(current(), sys.argv[1])
    else:
        sys.exit("error: say the address as OWNER/NAME, for example: make address REPOSITORY=owner/name")
