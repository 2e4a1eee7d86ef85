"""What settings and their values are called, wherever people read them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from depsim.component import Label
from depsim.registry import label_of_key

_NUMBER = re.compile(r"-?\d+(\.\d*)?([eE][+-]?\d+)?")
_LIST = re.compile(r"\[([^\[\]]*)\]")
_FUNCTION = re.compile(r"[\w.]+:(\w+)")
_STEP = re.compile(r"steps (\d+)")
_NONE = "null"
"""How a store holds a value that is none."""
_LONGEST = 40
"""Characters of a value; of a longer one the beginning and a hash."""


@dataclass(frozen=True)
class Setting:
    """How one configuration key is spoken of.

    Args:
        label: of the axis.
        phrase: a value in the name of a condition, which stands for ``{}``; ``{} %`` has shares as per cent.
        of_the_rest: whether it is drawn by the logarithm of what it leaves of 1.
        names: what values are called, where their own text does not say it.
        phrases: what stands for the phrase, where it does not suit a value.
        reference: the value that each other one is compared with in the answer; empty where there is none.
    """

    label: str
    phrase: str
    of_the_rest: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    phrases: Mapping[str, str] = field(default_factory=dict)
    reference: str = ""

    def spell(self, value: str) -> str:
        """A value for people, without what it is of."""
        return self.names.get(value, value)


_KNOWN = {
    "pathology.sparsity": Setting("share of synapses pruned", "{} % pruned", of_the_rest=True),
    "pathology.criterion": Setting("criterion of pruning", "pruning by {}", phrases={"random": "random pruning"}),
    "treatment.regrow_fraction": Setting("share of the lost synapses that regrows", "{} % regrown"),
    "treatment.criterion": Setting("criterion of regrowth", "regrowth by {}", phrases={"random": "random regrowth"}),
    "treatment.damping_factor": Setting("damping factor (1 is no damping)", "damping {}"),
    "treatment.bounded": Setting(
        "response of hidden units",
        "bounded {}",
        names={"True": "tanh", "False": "ReLU"},
        phrases={"True": "tanh", "False": "ReLU"},
    ),
    "treatment.layers": Setting(
        "layers that the treatment acts in",
        "layer {}",
        names={_NONE: "everywhere"},
        phrases={_NONE: "all layers"},
        reference=_NONE,
    ),
    "treatment.epochs": Setting("epochs of training", "{} epochs", phrases={"1": "1 epoch"}),
    "assessment.further_pruning": Setting("share of the surviving synapses that the relapse takes", "relapse of {} %"),
}
_PHRASES = {
    "pathology.noise_gain": "noise gain {}",
    "pathology.noise_mean": "noise mean {}",
    "model.hidden": "hidden {}",
    "model.factory": "{}",
    "model.shape": "inputs of {}",
    "task.factory": "{}",
    "task.spread": "cluster spread {}",
    "task.train_size": "{} training points",
    "task.test_size": "{} test points",
    "task.clean_size": "{} clean points",
    "training.epochs": "{} training epochs",
    "training.learning_rate": "training lr {}",
    "training.batch_size": "batches of {}",
    "assessment": "assessment {}",
    "follow_up.maintenance": "{} maintenance",
    "follow_up.stress": "{} % lost a cycle",
    "cohort.data": "{} data",
    "cohort.seeds": "individuals {}",
    "cohort.hold.data": "data of {}",
    "cohort.hold.train": "training data of {}",
    "cohort.hold.test": "test data of {}",
    "cohort.hold.init": "weights of {}",
    "cohort.hold.order": "order of {}",
    "cohort.traits.structural_loss.omega": "loss omega {}",
    "cohort.traits.stress_sensitivity.omega": "stress omega {}",
    "cohort.traits.plasticity.omega": "plasticity omega {}",
    "cohort.traits.rho": "rho {}",
    "device": "on {}",
}
"""Of keys without a page of their own."""
CHOICES = ("experiment", "task", "model", "pathology", "follow_up", "assessment")
"""Keys whose values are files of ``conf/``, but for the treatment, which a name begins with."""


def place_of(key: str) -> int:
    """Where a setting stands among those of its group: doses first, what is rarely varied last."""
    known = [*_KNOWN, *_PHRASES]
    return known.index(key) if key in known else len(known)


def setting_of(key: str) -> Setting:
    """How a key is spoken of: as here, else as its field is labelled, else by its own name in words."""
    if key in _KNOWN:
        return _KNOWN[key]
    label = label_of_key(key)
    if label is None or label == Label(key.rpartition(".")[2]):
        return Setting(_words(key), _phrase(key))
    return Setting(f"{label.title} ({label.unit})" if label.unit else label.title, _phrase(key, label.symbol))


def spell_setting(key: str, value: str, digits: int | None = None) -> str:
    """A setting with its value, as a part of a condition's name.

    Args:
        key: of the configuration.
        value: as a store holds it.
        digits: significant ones, at most; None prints a number as it was written.

    >>> spell_setting("treatment.regrow_fraction", "0.1"), spell_setting("treatment.learning_rate", "1e-05")
    ('10 % regrown', 'lr 1e-05')
    >>> spell_setting("treatment.layers", "[1, 2]"), spell_setting("treatment.initial_gain", "null")
    ('layer 1/2', 'no initial gain')
    >>> spell_setting("treatment.steps.1.keep", "['neurosteroid']")
    'step 2 keep neurosteroid'
    >>> spell_setting("treatment.drugs.ketamine.epochs", "5"), spell_setting("model", "mlp_wide")
    ('ketamine 5 epochs', 'mlp wide')
    """
    if key.startswith("treatment.") and (parts := key.split("."))[2:]:
        last = spell_setting(f"treatment.{parts[-1]}", value, digits)
        before = " ".join(part for part in parts[1:-1] if part not in ("drugs", "of")).replace("_", " ")
        return f"{_STEP.sub(lambda match: f'step {int(match[1]) + 1}', before)} {last}".strip()
    setting = setting_of(key)
    if value in setting.phrases:
        return setting.phrases[value]
    words = " ".join(setting.phrase.replace("{}", "").replace("%", "").split()) or _words(key)
    if value in (_NONE, "none"):
        return f"no {words}"
    if value in ("True", "False"):
        return f"{words} {'on' if value == 'True' else 'off'}"
    if "{} %" in setting.phrase and not _NUMBER.fullmatch(value):
        return f"{words} {value}"
    return setting.phrase.replace("{}", _spell_value(value, digits, 100 if "{} %" in setting.phrase else 1))


def _phrase(key: str, symbol: str = "") -> str:
    if key in _PHRASES:
        return _PHRASES[key]
    if key in CHOICES:
        return "{}"
    return f"{symbol or _words(key)} {{}}"


def _words(key: str) -> str:
    """A key in words; whose it is where it is not the treatment's.

    >>> _words("treatment.init_scale"), _words("model.noise_scale"), _words("follow_up")
    ('init scale', 'model noise scale', 'follow-up')
    """
    return key.removeprefix("treatment.").replace("follow_up", "follow-up").replace(".", " ").replace("_", " ")


def _spell_value(text: str, digits: int | None, factor: int) -> str:
    """A value; numbers times a factor, in the digits that they were written with.

    >>> [_spell_value(text, 6, 100) for text in ("0.1", "0.784", "0.20000000000000284", "1.0", "0.953344")]
    ['10', '78.4', '20', '100', '95.3344']
    >>> [_spell_value(text, 4, 1) for text in ("12000", "1e-05", "0.34210987", "[512, 256]", "[[-3, 3]]", "mlp_wide")]
    ['12000', '1e-05', '0.3421', '512/256', '[[-3, 3]]', 'mlp wide']
    >>> _spell_value("mylab.networks:small_convolution", 4, 1)
    'small convolution'
    """
    if _NUMBER.fullmatch(text):
        number = Decimal(text) * factor
        if digits is not None and len(number.normalize().as_tuple().digits) > digits and not text.isdecimal():
            return f"{float(number):.{digits}g}"
        return text if factor == 1 else f"{number.normalize():f}"
    if function := _FUNCTION.fullmatch(text):
        text = function[1]
    if items := _LIST.fullmatch(text):
        text = "/".join(_spell_value(item.strip(" '"), digits, factor) for item in items[1].split(","))
    elif re.fullmatch(r"[a-z]\w*", text):
        text = text.replace("_", " ")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 16]}... ({zlib.crc32(text.encode()):08x})"
