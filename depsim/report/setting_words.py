"""How the values of a setting are put for people: one, several at once, and from one to another."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from depsim.report.words import listed
from depsim.study.labels import setting_of, spell_setting
from depsim.study.naming import name_treatment
from depsim.study.setting_range import COMMON_GROUPS, SettingRange

MOST_WORDS = 35
"""Of a sentence that answers a question."""
_MOST_VALUES, _OPTIONS = 5, 3
"""That a heading names, and that a sentence lists."""
_DIGITS = 6
"""Significant digits of numbers."""


def spell_values(key: str, values: Sequence[str]) -> list[str]:
    """Values as parts of conditions' names."""
    return [spell_setting(key, value, _DIGITS) for value in values]


def merged(texts: Sequence[str], link: str) -> str:
    """Texts as one, where they differ in a single word: what they share stands once.

    >>> merged(["5 % regrown", "80 % regrown"], " to "), merged(["layer 1", "layer 2", "all layers"], "/")
    ('5 to 80 % regrown', 'layer 1/layer 2/all layers')
    """
    words = [text.split() for text in dict.fromkeys(texts)]
    places = [place for place, column in enumerate(zip(*words, strict=False)) if len(set(column)) > 1]
    if len({len(text_words) for text_words in words}) > 1 or len(places) != 1:
        return link.join(dict.fromkeys(texts))
    at = places[0]
    return " ".join([*words[0][:at], link.join(text_words[at] for text_words in words), *words[0][at + 1 :]])


def from_to(key: str, values: Sequence[str], link: str = " to ") -> str:
    """The first and the last of some values.

    >>> from_to("treatment.regrow_fraction", ["0.05", "0.2", "0.8"]), from_to("treatment.epochs", ["1", "200"])
    ('5 to 80 % regrown', '1 to 200 epochs')
    """
    first, last = spell_values(key, [values[0], values[-1]])
    return merged([_plural(first, last), last], link)


def label_of(key: str) -> str:
    """What a setting is called within a sentence.

    >>> label_of("treatment.damping_factor"), label_of("treatment.regrow_fraction")
    ('damping factor', 'share of the lost synapses that regrows')
    """
    return setting_of(key).label.partition(" (")[0]


def stem_of(key: str) -> str:
    """A key in the letters that files and addresses are named with.

    >>> stem_of("treatment.regrow_fraction")
    'treatment_regrow_fraction'
    """
    return re.sub(r"[^a-z0-9]+", "_", key.lower())


def which_levels(key: str, chosen: Sequence[str], values: Sequence[str]) -> str:
    """Where on a setting some of its values lie.

    Args:
        key: of the setting.
        chosen: some of its values.
        values: all of them, in order.

    >>> which_levels("treatment.regrow_fraction", ["0.4", "0.8"], ["0.1", "0.2", "0.4", "0.8"])
    'from 40 % regrown on'
    >>> which_levels("pathology.sparsity", ["0.5", "0.9"], ["0.5", "0.9", "0.95"])
    'up to 90 % pruned'
    >>> which_levels("pathology.sparsity", [], ["0.5", "0.9"])
    'at no value'
    """
    places = [place for place, value in enumerate(values) if value in chosen]
    if not places:
        return "at no value"
    if len(places) == len(values):
        return "at all values"
    first, last = places[0], places[-1]
    spelled = spell_values(key, [values[place] for place in places])
    if last - first + 1 > len(places):
        return f"at {merged(spelled, ', ')}"
    if first == 0:
        return f"up to {spelled[-1]}"
    if last == len(values) - 1:
        return f"from {spelled[0]} on"
    return f"at {spelled[0]}" if first == last else f"from {from_to(key, [values[first], values[last]])}"


def name_setting(key: str) -> str:
    """A setting of a multiverse in words; a treatment's with whose it is.

    >>> name_setting("ssri.learning_rate"), name_setting("pathology.sparsity")
    ('learning rate of ssri', 'share of synapses pruned')
    """
    first, _, rest = key.partition(".")
    if first in COMMON_GROUPS:
        return label_of(key)
    return f"{rest.replace('.', ' ').replace('_', ' ')} of {name_treatment(first)}"


def beyond_words(space: SettingRange, place: float, above: bool) -> str:
    """Values beyond a bound, as what a setting is.

    Args:
        space: what it may be.
        place: of the bound, 0 to 1.
        above: whether those above it are meant.

    >>> beyond_words(SettingRange(low=1e-6, high=1e-2, log=True), 0.5, above=True)
    'is above 0.0001'
    >>> beyond_words(SettingRange(values=["a", "b", "c"]), 0.75, above=False)
    'is a or b'
    """
    bound = space.number(place)
    if space.values is None:
        return f"is {'above' if above else 'below'} {bound:.3g}"
    chosen = space.names[math.ceil(bound) :] if above else space.names[: math.floor(bound) + 1]
    return f"is {' or '.join(chosen[:_OPTIONS])}"


def fitting(candidates: Sequence[str]) -> str:
    """The first of some sentences that is short enough for an answer, or else the last one."""
    return next((text for text in candidates if len(text.split()) <= MOST_WORDS), candidates[-1])


def capital(text: str) -> str:
    """Text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def either(texts: Sequence[str]) -> str:
    """Values as what may be chosen from.

    >>> either(["layer 1", "layer 2", "all layers"])
    'Layer 1, layer 2 or all layers'
    """
    shown = list(texts)
    if len(shown) > _MOST_VALUES:
        shown = [*shown[: _MOST_VALUES - 1], f"{len(shown) - _MOST_VALUES + 1} others"]
    return capital(listed(shown, "or"))


def _plural(first: str, last: str) -> str:
    """A value in the words of another one, where only its number has words of its own (``1 epoch``)."""
    words, other = first.split(), last.split()
    return (
        " ".join([words[0], *other[1:]])
        if len(words) == len(other) and words[1:] == [w[:-1] for w in other[1:]]
        else first
    )
