"""torchvision, imported where it is used, or one line that says how to mend it."""

import functools
import warnings
from importlib import import_module
from types import ModuleType

from lrreg_utils.errors import UserError


@functools.cache
def torchvision_part(name: str) -> ModuleType:
    """The module ``torchvision.NAME``; its first import takes a second.

    Raises:
        UserError: it is missing, or does not fit the installed torch.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of readers that are not used here
            return import_module(f"torchvision.{name}")
    except Exception as error:  # RuntimeError, AttributeError, OSError: it depends on what does not fit
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"torchvision: it cannot be loaded beside this torch ({reason}); install both anew, "
                        "as a pair: pip install --force-reinstall torch torchvision") from None
