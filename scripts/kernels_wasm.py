"""Compile kernels.wat into kernels.mjs: ``pip install wasmtime``, then ``python scripts/kernels_wasm.py``."""

import base64
import re
from pathlib import Path

HERE = Path(__file__).parent
PATH = HERE.parent / "lrreg_utils" / "interactive" / "training" / "kernels.mjs"
COMPILED = re.compile(r'(?<=^const COMPILED = ")[^"]*', re.MULTILINE)


def compiled() -> str:
    """The WebAssembly module as base64."""
    from wasmtime import wat2wasm

    source = (HERE / "kernels.wat").read_text(encoding="utf-8")
    return base64.b64encode(wat2wasm(source)).decode()


if __name__ == "__main__":
    PATH.write_text(COMPILED.sub(compiled(), PATH.read_text(encoding="utf-8")), encoding="utf-8")
    print(PATH)
