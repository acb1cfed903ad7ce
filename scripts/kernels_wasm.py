"""Compile kernels.wat into kernels.mjs: ``pip install wasmtime``, then ``python scripts/kernels_wasm.py``."""

import base64
import re
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "lrreg_utils" / "interactive"
COMPILED = re.compile(r'(?<=^const COMPILED = ")[^"]*', re.MULTILINE)


def compiled() -> str:
    """The WebAssembly module as base64."""
    from wasmtime import wat2wasm

    source = (FOLDER / "kernels.wat").read_text(encoding="utf-8")
    return base64.b64encode(wat2wasm(source)).decode()


if __name__ == "__main__":
    path = FOLDER / "kernels.mjs"
    path.write_text(COMPILED.sub(compiled(), path.read_text(encoding="utf-8")), encoding="utf-8")
    print(path)
