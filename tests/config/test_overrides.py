"""What is read from a command line, how many jobs it asks for, and hints where it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from depsim.config import ConfigError, parse_overrides
from depsim.config.overrides import count_values, first_value, refuse_too_many, single_values
from tests.jobs import depsim


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["model.hidden=[64,", "64,", "32]"], "in quotes it stays whole: 'model.hidden=[64, 64, 32]'"),
        (["seed=1", "model.hidden=[64,", "32]", "study=s"], "in quotes it stays whole: 'model.hidden=[64, 32]'"),
        (["model.hidden=[64"], "a bracket is not closed"),
        (["study=my", "study"], "if it belongs to study=my, write both in quotes: 'study=my study'"),
        (["training.epochs", "=", "3"], "there is no space around the =: training.epochs=3"),
        (["training.epochs", "=3"], "there is no space around the =: training.epochs=3"),
        (["study=💀"], "'💀' is no letter, digit or sign that a name may have"),
        (["study=größe"], "ö has to stand in quotes: 'study=\"größe\"'"),
        (["seed=range(1,2"], "a bracket is not closed"),
    ],
)
def test_a_hint_says_what_may_have_been_meant(words: list[str], hint: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse_overrides(words)
    assert ": cannot be read; allowed is key=value (" in str(told.value)
    assert hint in str(told.value)


def test_quotes_help_where_the_hint_says_so() -> None:
    assert [o.value() for o in parse_overrides(["model.hidden=[64, 64, 32]", 'study="größe"'])] == [
        [64, 64, 32],
        "größe",
    ]


@pytest.mark.parametrize("depth", [21, 200, 3000])
@pytest.mark.parametrize("brackets", [("[", "]"), ("{a:", "}"), ("int(", ")"), ("${", "}"), ("[", "")])
def test_brackets_within_brackets_have_an_end(depth: int, brackets: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match=f"{depth} brackets within each other, allowed are 20") as told:
        parse_overrides([f"a={depth * brackets[0]}1{depth * brackets[1]}"])
    assert len(str(told.value)) < 300


@pytest.mark.parametrize("brackets", [("[", "]"), ("{a:", "}"), ("int(", ")")])
def test_as_many_as_are_allowed_can_be_read(brackets: tuple[str, str]) -> None:
    assert len(parse_overrides([f"a={20 * brackets[0]}1{20 * brackets[1]}"])) == 1


def test_a_number_with_more_digits_than_python_reads() -> None:
    with pytest.raises(ConfigError, match="fewer than 400 digits"):
        parse_overrides(["seed=" + 5000 * "9"])


@pytest.mark.parametrize(
    "text",
    ["1", "1,2,3", "range(3)", "range(1,4)", "range(4,1,-1)", "range(0,1,0.1)", "range(0,0.3,0.1)", "range(1,0,-0.25)",
     "choice(a,b)", "[1],[2]", "range(-2,2.5)"],
)  # fmt: skip
def test_values_are_counted_without_being_listed(text: str) -> None:
    (override,) = parse_overrides([f"a={text}"])
    values = single_values(override)
    assert count_values(override) == len(values)
    assert first_value(override) == values[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("range(5,0)", "an empty range; the end is left out"),
        ("range(0)", "an empty range; the end is left out"),
        ("range(0,1,0)", "a range with a step of 0 has no end"),
        ("range(0.0,1,0.0)", "a range with a step of 0 has no end"),
        ("range(nan)", "a range needs finite numbers"),
        ("range(0,inf)", "a range needs finite numbers"),
        ("range(0,1,nan)", "a range needs finite numbers"),
        ("1,sort(3,2)", "must be a list of single values"),
        ("range(0,1,-inf)", "a range needs finite numbers"),
    ],
)
def test_a_range_that_has_no_values(text: str, message: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        ("run", "-m"),
        ("run",),
        ("sweep", "paper", "--dry-run"),
        ("sweep", "search_ketamine", "--dry-run"),
    ):
        assert depsim(*command, f"pathology.sparsity={text}") == 2
        assert capsys.readouterr().err.startswith(f"depsim: pathology.sparsity={text}: {message}")
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("command", [("run", "-m"), ("sweep", "paper", "--dry-run")], ids=" ".join)
def test_a_glob_is_not_known(command: tuple[str, ...], empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert depsim(*command, "treatment=glob(*)") == 2
    assert capsys.readouterr().err == "depsim: treatment=glob(*): glob is not known here; allowed is key=a,b,c\n"


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("sweep", "paper", "--dry-run", "pathology.sparsity=range(0,1,0.001)"), "4,000"),
        (("sweep", "paper", "pathology.sparsity=range(0,1,0.001)"), "4,000"),
        (("sweep", "paper", "--help", "seed=range(501)"), "2,004"),
        (("run", "-m", "seed=range(100000)"), "100,000"),
        (("run", "-m", "seed=range(10000000000)"), "10,000,000,000"),
        (("run", "-m", "seed=range(5)", "treatment=none,ssri", "max_jobs=9"), "10"),
    ],
)
def test_more_jobs_than_are_allowed_are_refused_with_their_number(
    words: tuple[str, ...], count: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert depsim(*words) == 2
    most = "9" if "max_jobs=9" in words else "2,000"
    more = count.replace(",", "")
    assert (
        capsys.readouterr().err == f"depsim: {count} jobs at once; allowed are {most}, or more with max_jobs={more}\n"
    )
    assert list(empty.iterdir()) == []


def test_max_jobs_allows_more() -> None:
    axes = [parse_overrides(["a=range(100)"]), parse_overrides(["b=1", "b=2,3"])]
    refuse_too_many(axes, {"max_jobs": 300})
    with pytest.raises(ConfigError, match="300 jobs at once; allowed are 299"):
        refuse_too_many(axes, {"max_jobs": 299})
    with pytest.raises(ConfigError, match="600 jobs at once; allowed are 300"):
        refuse_too_many(axes, {"max_jobs": 300, "cohort": {"replicates": 2}})


@pytest.mark.parametrize("value", ["x", "0", "-1", "null", "true", "1.5"])
def test_max_jobs_is_a_number(value: str, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (("run", "-m"), ("run",), ("sweep", "paper", "--dry-run")):
        assert depsim(*command, f"max_jobs={value}") == 2
        assert capsys.readouterr().err.startswith("depsim: max_jobs=")


@pytest.mark.parametrize(
    "word", ["study=a,[choice(b)]", "study=[choice(a)]", "study={a:[range(0,2)]}", "x=[[1,choice(2,3)]]"]
)
def test_several_values_within_one_are_refused(word: str) -> None:
    with pytest.raises(ConfigError, match=r"allowed is key=a,b,c"):
        parse_overrides([word])
