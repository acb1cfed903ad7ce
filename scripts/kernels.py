"""A Sphinx extension, and a line of `refresh.py`: notebooks are executed over an encrypted connection.

ipykernel warns of every kernel that is not, and Jupyter's own default is not.
"""

from jupyter_client.manager import KernelManager


def encrypt() -> None:
    """Let every kernel that this process starts be given keys, where its Jupyter can."""
    if policy := KernelManager.class_traits().get("transport_encryption"):
        policy.default_value = "auto"


def setup(app) -> dict:
    encrypt()
    return {"parallel_read_safe": True, "parallel_write_safe": True}
