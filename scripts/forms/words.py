"""Coloured words: bold words of the figures' vocabulary have the colour of the line that they name."""

from docutils import nodes

from .element import words

WORDS = {
    "image": ("image", "images"),
    "patch": ("patch", "patches"),
    "large_lr": ("large rate", "large"),
    "small_lr": ("small rate", "small"),
    "small_lr_noise": ("small + noise", "small rate + noise", "small rate with noise"),
    "large_lr_constant": ("never annealed",),
}
CLASSES = {word: f"word-{name.replace('_', '-')}" for name, spellings in WORDS.items() for word in spellings}


def colour(document: nodes.document) -> None:
    """Give each bold word of the vocabulary its class."""
    for node in document.findall(nodes.strong):
        if name := CLASSES.get(words(node).lower()):
            node["classes"] += ["word", name]
