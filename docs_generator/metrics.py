"""The page of all that is measured and kept: metrics, curves, files and tags, with units."""

from __future__ import annotations

import csv
import io
import re

from depsim.outcomes import PRIMARY
from depsim.stages import BEFORE, FOLLOW_UP, MAINTAINED, STAGES, STRESSED, WITHDRAWAL
from docs_generator.tables import items

EXAMS = (
    ("healthy", "the trained network before anything is done to it"),
    ("depressed", "after the pathology"),
    ("treated", "after the treatment, drugs still on"),
    ("withdrawn", "the treated network with drugs off; only where there is one to take off"),
    ("relapsed", "after a further pruning of the treated network"),
)
COUNTED = (
    (STRESSED, "after the stress of cycle 1, 2, ... (`follow_up=stress_cycles`)"),
    (MAINTAINED, "after the maintenance that follows; 0 is the treated network, examined afresh"),
    (WITHDRAWAL, "with the drug partly off (`follow_up=withdrawal_curve`)"),
    ("NAME", "what a regimen examines: `examine: NAME`, from 0"),
)
METRICS = (
    ("EXAM/clean", "%", "accuracy on points without noise"),
    ("EXAM/standard", "%", "accuracy on test points, without internal noise"),
    ("EXAM/internal_noise_SIGMA", "%", "accuracy under internal noise of this SD"),
    ("EXAM/combined", "%", "accuracy under input and internal noise together"),
    ("EXAM/resilience_auc", "%", "mean accuracy over internal noise, by trapezoids"),
    ("EXAM/biased_MEAN", "%", "accuracy under noise of SD 1 with this mean (`assessment=mood`)"),
    ("EXAM/activation", "", "mean absolute activity of hidden units (`assessment=mood`)"),
    ("EXAM/sparsity", "%", "share of all weights that is masked; biases never count"),
    ("EXAM/sparsity/MATRIX", "%", "of one weight matrix: `layer_1`, or `recurrent`"),
    ("EXAM/units_without_input/LAYER", "units", "hidden units that no synapse reaches"),
    ("EXAM/units_without_output/LAYER", "units", "hidden units that reach nothing"),
    ("EXAM/spectral_radius", "", "largest absolute eigenvalue of the recurrent matrix (`model=recurrent`)"),
    ("treated/deficit", "points", "combined accuracy missing to the healthy network's"),
    ("treated/response", "0 or 1", "whether enough of the deficit is gone (`assessment.response`)"),
    ("treated/remission", "0 or 1", "whether hardly any deficit is left (`assessment.remission`)"),
    ("relapse_drop", "points", "combined accuracy lost from treated to relapsed; positive is worse"),
    ("dose/l1", "weight", "mean absolute change of a weight by the treatment"),
    ("dose/l2", "weight", "root of summed squared changes by the number of weights"),
    ("dose/path", "weight", "mean absolute changes of each step, stresses of a regimen included, added up"),
    ("dose/turnover", "%", "share of weights that changed by more than a tenth"),
    ("dose/logit", "logit", "mean absolute change of an output"),
    (
        "treatment/epochs",
        "epochs",
        "epochs that the treatment trained; one is `task.passes` passes over the training points",
    ),
    ("treatment/rate_steps", "", "sum of learning rate times steps of the treatment"),
    ("regrowth/restored/MATRIX", "%", "of the regrown synapses, those that a milder pruning would have spared"),
    ("regrowth/restored_chance/MATRIX", "%", "the same, expected of synapses drawn at random"),
    ("regrowth/lost_again/MATRIX", "%", "of the synapses that the relapse removes, those that had regrown"),
    ("regrowth/lost_again_chance/MATRIX", "%", "the same, expected of synapses drawn at random"),
    ("before/healthy_combined", "%", "of the healthy network, with noise of its own"),
    ("before/depressed_combined", "%", "of the depressed network"),
    ("before/depressed_deficit", "points", "difference of the two"),
    ("before/slope", "points per SD", "slope of the healthy network's accuracy over internal noise"),
    ("before/sparsity", "%", "sparsity of the depressed network"),
    ("trait/structural_loss", "share", "sparsity that the pathology brings this individual to"),
    ("trait/stress_sensitivity", "factor", "this individual's multiplier of internal noise"),
    ("trait/plasticity", "factor", "this individual's multiplier of learning rates after the pathology"),
    (
        "follow_up/relapse_free_cycles",
        "cycles",
        "cycle of the first relapse, or all; of those who had a deficit and were in remission at cycle 0",
    ),
    ("follow_up/relapse", "0 or 1", "whether there was one"),
    ("COUNTED/WHAT/NUMBER", "%", "an examination that is held several times; below"),
)
"""What is measured of an individual: name, unit, meaning. Words in capitals stand for several."""
CURVES = (
    ("EXAM/resilience", "%", "100 SIGMA", "accuracy over internal noise, 0 first"),
    ("STAGE/loss", "nats", "epoch", "mean training loss of `healthy`, `treated` and, over all cycles, `maintained`"),
    ("COUNTED/WHAT/course", "%", "number", "an examination that is held several times"),
    (
        "search/value",
        "the objective's",
        "trial",
        "value of each trial, also on its run; `search/value_0`, ... of several",
    ),
    ("search/best", "the objective's", "trial", "best value so far, among trials that keep the constraints"),
    ("search/best_value", "the objective's", "trials", "the winner's own value"),
    ("search/fresh_value", "the objective's", "trials", "the winner's value on fresh individuals"),
    ("search/reference_value", "the objective's", "trials", "that of the paper's settings on the same individuals"),
    ("search/gain", "the objective's", "trials", "what the winner gains over them"),
    ("search/optimism", "the objective's", "trials", "by how much its own value was too good"),
)
"""Metrics whose step means something: name, unit, step, meaning."""
SUMMARIES = (
    ("NAME", "mean over individuals, of every metric"),
    ("summary/PRIMARY.sd", "SD over individuals, of a primary outcome"),
    ("summary/PRIMARY.ci_low", "lower end of the 95 % interval of the mean"),
    ("summary/PRIMARY.ci_high", "upper end"),
    ("summary/PRIMARY.n", "individuals"),
)
FILES = (
    ("condition, individual", "config.yaml", "the resolved configuration"),
    ("condition, individual", "masks.npz", "masks of each stage, for `depsim.model.masks.unpack`"),
    ("condition, individual", "layer_sparsity.csv", "sparsity of each matrix at each stage"),
    ("condition", "individuals.csv", "all individuals with all metrics"),
    ("condition", "summary.csv", "every metric's mean, SD, interval, median and extremes"),
    ("condition", "masks.png", "picture of the first individual's masks"),
    ("condition", "summary.png", "resilience and primary outcomes, after `depsim report`"),
    ("condition", "command.txt", "the command that runs it again"),
    ("condition", "provenance.json", "commit, package versions, machine, threads and device"),
    ("condition", "uncommitted.patch", "what was changed since the commit, if anything"),
    ("condition, individual", "traceback.txt", "why an individual failed"),
    ("search", "history.csv", "every trial with its point and value"),
    ("search", "winner.json", "the winner or the trade-off, with its value on fresh individuals"),
    ("study", "index.html", "the report's page"),
    ("study", "study.json", "all numbers and texts of the report"),
    ("study", "manifest.json", "the report's files with their hashes"),
    ("study", "figures/", "each figure as SVG, PNG and the CSV of its data"),
    ("study", "tables/", "each table as CSV and LaTeX"),
)
"""Artifacts: kinds of run, name, content."""
TAGS = (
    ("kind", "`condition`, `individual`, `search` or `study`"),
    ("treatment", "the choice in `treatment`"),
    ("pathology", "the choice in `pathology`"),
    ("model", "the choice in `model`"),
    ("data", "`shared` or `individual`"),
    ("seed", "the individual"),
    ("run_key", "hash of all that decides an individual's numbers"),
    ("arm_key", "hash of what is done"),
    ("job_key", "hash of what is done, and to whom"),
    ("sources", "hash of the sources"),
    ("packages", "versions of packages"),
    ("claims", "hash of each claim at the beginning"),
    ("masks_sha256", "hash of `masks.npz`"),
    ("notes", "what a reader has to know"),
    ("seconds", "how long the individual took"),
    ("error", "why it failed, in a line"),
    ("replicate", "number of the replicate, from 1 on"),
    ("replicate_of", "arm key of replicate 0"),
    ("reused_from", "the run that it was copied from"),
    ("duplicate_of", "the run that counts in its place"),
    ("orphaned", "its process ended without closing it"),
    ("place", "the machine and folder that wrote it"),
    ("search", "the run of the search that a trial belongs to"),
    ("trial", "its number, or `winner` or `reference`"),
    ("trial_state", "`COMPLETE`, `PRUNED` or `FAIL`"),
    ("winner_of", "the trial whose point it has"),
    ("search_key", "hash of what makes trials comparable"),
    ("multiverse", "of a study: what its multiverse varies and holds fixed"),
    ("point", "number of the point of a multiverse"),
    ("arm", "the arm of a multiverse that a condition is of"),
    ("study", "the study that a search belongs to"),
    ("sweep", "the name of the search"),
    ("fresh", "`--fresh` began this study"),
    ("asked", "of a study: its question and what its report asks"),
    ("note_sha256", "hash of a report's description"),
    ("summary_sha256", "hash of what `summary.png` shows"),
)
"""Tags that begin with ``depsim.``: name, meaning."""
_PLACES = {
    "EXAM": "|".join(STAGES),
    "STAGE": f"healthy|depressed|treated|{MAINTAINED}",
    "COUNTED": rf"(?!(?:{'|'.join((*STAGES, BEFORE, FOLLOW_UP, 'summary'))})/)[a-z]\w*",
    "WHAT": r"standard|combined|internal_noise_[\d.]+|biased_[\d.]+|sparsity",
    "SIGMA": r"[\d.]+",
    "MEAN": r"[\d.]+",
    "MATRIX": r"layer_\d+|input|recurrent|output",
    "LAYER": r"layer_\d+|hidden",
    "NUMBER": r"\d+",
}
"""What the words in capitals stand for."""
_INTRODUCTION = """\
# Metrics and files

What a run keeps in MLflow: an experiment is a study, a run a condition on a cohort, and the runs below it its
individuals. The same names are in `Result.metrics`, in `load_study(...).frame` and in the objectives of a search.
"""


def page() -> str:
    """The page."""
    primary = ", ".join(f"`{outcome.column}` ({outcome.name})" for outcome in PRIMARY)
    return "\n".join(
        [
            _INTRODUCTION,
            "## Examinations\n",
            "`EXAM` is one of:\n",
            items((name, "", text) for name, text in EXAMS),
            "`COUNTED` is held several times, each with a number:\n",
            items((name, "", text) for name, text in COUNTED),
            "`WHAT` is then `standard`, `combined`, `internal_noise_1.0`, `internal_noise_2.5` or `sparsity`, and",
            "`biased_0.5` with `assessment=mood`.\n",
            "## Metrics\n",
            f"Primary outcomes, one family of tests, of `treated` and `withdrawn` networks: {primary}. All others are\n"
            "exploratory.\n",
            items(METRICS),
            "A relapsed network has `combined`, `sparsity` and the numbers of units only. Deficit, response and",
            "remission count from the measures before the treatment; whoever had next to no deficit is in no rate.\n",
            "On the run of a condition:\n",
            items((name, "", text) for name, text in SUMMARIES),
            "The interval of values in per cent is a percentile-t bootstrap, of all others Student's t. There is none",
            "where all are equal or fewer than three. The same figures of all other metrics are in `summary.csv`.\n",
            "## Curves\n",
            "With unit and step in brackets.\n",
            items((name, f"{unit} by {step}", text) for name, unit, step, text in CURVES),
            "## Files\n",
            "Artifacts of runs of each kind. A cohort of one has one run, a `condition`, with the files of both.\n",
            items((name, kind, text) for kind, name, text in FILES),
            "## Tags\n",
            "All begin with `depsim.` ([tags.csv](tags.csv)).\n",
        ]
    )


def tags_as_csv() -> str:
    """The tags of runs and studies: name, meaning."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerows([("tag", "meaning"), *((f"depsim.{name}", meaning.replace("`", "")) for name, meaning in TAGS)])
    return text.getvalue()


def matches(name: str, pattern: str) -> bool:
    """Whether a metric's name is one that a pattern stands for.

    >>> matches("treated/internal_noise_2.5", "EXAM/internal_noise_SIGMA"), matches("treated/clean", "EXAM/combined")
    (True, False)
    """
    parts = re.split(f"({'|'.join(_PLACES)})", pattern)
    text = "".join(f"(?:{_PLACES[part]})" if part in _PLACES else re.escape(part) for part in parts)
    return re.fullmatch(text, name) is not None
