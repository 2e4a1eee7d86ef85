from __future__ import annotations

import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from depsim.config import ConfigError, parse_overrides
from depsim.config.overrides import first_value
from depsim.search.space import Dimension, grid_size, read_dimension


def dimension(line: str) -> Dimension:
    (override,) = parse_overrides([line])
    return read_dimension(override)


@pytest.mark.parametrize(
    ("sweep", "distribution"),
    [
        ("interval(0.1,0.8)", FloatDistribution(0.1, 0.8)),
        ("interval(2,8)", FloatDistribution(2.0, 8.0)),
        ("int(interval(2,8))", IntDistribution(2, 8)),
        ("tag(log,interval(1e-4,1e-2))", FloatDistribution(1e-4, 1e-2, log=True)),
        ("tag(log,int(interval(1,100)))", IntDistribution(1, 100, log=True)),
        ("int(tag(log,interval(1,100)))", IntDistribution(1, 100, log=True)),
        ("range(1,10)", IntDistribution(1, 9)),
        ("range(1,10,3)", IntDistribution(1, 7, step=3)),
        ("range(0,1,0.25)", FloatDistribution(0.0, 0.75, step=0.25)),
        ("range(5,0,-1)", IntDistribution(1, 5)),
        ("tag(log,range(1,10))", IntDistribution(1, 9, log=True)),
        ("choice(gradient,random)", CategoricalDistribution(("gradient", "random"))),
        ("0.9,0.95", CategoricalDistribution(("0.9", "0.95"))),
        ("choice([1,2],[3])", CategoricalDistribution(("[1,2]", "[3]"))),
        ("true,null", CategoricalDistribution(("True", "null"))),
        ("shuffle(3,1,2)", CategoricalDistribution(("3", "1", "2"))),
        ("sort(3,1,2)", CategoricalDistribution(("1", "2", "3"))),
    ],
)
def test_hydras_sweep_syntax_is_a_dimension(sweep: str, distribution: BaseDistribution) -> None:
    assert dimension(f"treatment.x={sweep}").distribution() == distribution


@pytest.mark.parametrize("key", ["treatment.x", "+treatment.x", "++treatment.x", "treatment"])
def test_a_value_is_set_at_the_key_as_it_was_given(key: str) -> None:
    assert dimension(f"{key}=choice(a,b)").key == dimension(f"{key}=interval(0,1)").key == key


@pytest.mark.parametrize(
    ("sweep", "corners"),
    [
        ("interval(0.1,0.8)", (0.1, 0.8)),
        ("int(interval(2,8))", (2, 8)),
        ("range(1,10,3)", (1, 7)),
        ("a,b,c", ("a", "b", "c")),
    ],
)
def test_corners_are_bounds_and_all_choices(sweep: str, corners: tuple[object, ...]) -> None:
    found = dimension(f"treatment.x={sweep}").corners
    assert found == corners
    assert [type(value) for value in found] == [type(value) for value in corners]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("seed=1,2", "individuals are the same"),
        ("seed=int(interval(0,9))", "individuals are the same"),
        ("cohort=pilot,smoke", "individuals are the same"),
        ("cohort.size=range(1,9)", "individuals are the same"),
        ("+cohort.hold.init=1,2", "individuals are the same"),
        ("study=a,b", "no part of a condition"),
        ("device=cpu,cuda", "no part of a condition"),
        ("tracking=none,mlflow", "no part of a condition"),
        ("hydra.run.dir=a,b", "no part of a condition"),
        ("treatment.x=interval(8,2)", "the lower bound comes first"),
        ("treatment.x=interval(2,2)", "nothing to search"),
        ("treatment.x=tag(log,interval(0,1))", "above 0"),
        ("treatment.x=range(5,5)", "an empty range"),
        ("treatment.x=tag(log,range(1,10,3))", "log together with a step of 3"),
        ("treatment.x=tag(normal,interval(0,1))", "tag normal"),
        ("treatment.x=tag(log,choice(1,2))", "a choice has no order"),
        ("treatment=glob(*)", "glob is not known here"),
    ],
)
def test_what_cannot_be_searched_is_refused(line: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        dimension(line)
    assert str(caught.value).startswith(line)


def test_a_space_of_choices_and_ranges_has_an_end() -> None:
    ends = [dimension(f"treatment.{line}") for line in ("a=1,2", "b=range(0,1,0.25)", "c=int(interval(1,3))")]
    assert grid_size(ends) == 2 * 4 * 3
    assert grid_size([*ends, dimension("treatment.d=interval(0,1)")]) is None
    assert ends[1].values() == [0.0, 0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("treatment.x=interval(0.1,0.8)", "treatment.x=0.1"),
        ("+treatment=ssri,none", "+treatment=ssri"),
        ("treatment=none", "treatment=none"),
        ("treatment.x=range(3,9)", "treatment.x=3"),
    ],
)
def test_the_first_of_several_values(line: str, first: str) -> None:
    (override,) = parse_overrides([line])
    assert first_value(override) == first
