"""Who is simulated: the individuals of a cohort and what they share."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from depsim.component import Component, Count, Neutral, Seed
from depsim.streams import Purpose
from depsim.traits import NO_TRAITS, TRAITS, Traits

MOST_REPLICATES = 100
DataMode = Literal["shared", "individual"]


class Hold(Component):
    """Streams that all individuals share, each with the seed whose stream it is; null where each has its own.

    Args:
        data: training and test points (only with individual data).
        train: training points alone, in place of ``data``.
        test: test points alone, in place of ``data``.
        init: initial weights.
        order: order of the training samples.
    """

    data: Seed | None
    train: Annotated[Seed | None, Neutral(None)] = None
    test: Annotated[Seed | None, Neutral(None)] = None
    init: Seed | None
    order: Seed | None

    @model_validator(mode="after")
    def _data_held_once(self) -> Self:
        if self.data is not None and (self.train, self.test) != (None, None):
            raise ValueError(
                f"cohort.hold.data={self.data} holds training and test points; not allowed together with "
                f"cohort.hold.train={self.train} and cohort.hold.test={self.test}"
            )
        return self

    @property
    def points(self) -> tuple[int | None, int | None]:
        """Whose training points and whose test points all individuals get; None where each has its own."""
        return (self.train, self.test) if self.data is None else (self.data, self.data)

    @property
    def nothing(self) -> bool:
        """Whether every individual has all streams for itself."""
        return all(getattr(self, name) is None for name in type(self).model_fields)

    def streams(self) -> dict[Purpose, int]:
        """The held random streams; the data are held by the task."""
        held = {Purpose.INIT: self.init, Purpose.ORDER: self.order}
        return {purpose: seed for purpose, seed in held.items() if seed is not None}


class Population(Component):
    """A cohort's individuals, either ``size`` consecutive seeds from ``first_seed`` or a list of ``seeds``.

    Args:
        size: how many individuals.
        first_seed: the first one's seed; the others follow it.
        seeds: the seeds one by one, in place of ``size`` and ``first_seed``.
        data: ``shared`` gives all individuals the paper's data, ``individual`` each its own.
        hold: streams that all individuals share.
        replicates: how often each individual is simulated: with the same data, healthy network and pathology, and
            with another order, treatment noise and exam noise each time.
        traits: in what else individuals differ.
    """

    size: Count | None
    first_seed: Seed | None
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1, strict=False)] | None
    data: DataMode
    hold: Hold
    replicates: Annotated[Count, Field(le=MOST_REPLICATES)] = 1
    traits: Annotated[Traits, Neutral(NO_TRAITS)] = NO_TRAITS

    @model_validator(mode="after")
    def _one_way_to_say_who(self) -> Self:
        if self.seeds is not None:
            if self.size is not None or self.first_seed is not None:
                raise ValueError(
                    f"cohort.seeds=[{','.join(map(str, self.seeds))}] together with cohort.size={self.size} and "
                    f"cohort.first_seed={self.first_seed}: give the seeds or the other two, not both"
                )
            if len(set(self.seeds)) != len(self.seeds):
                raise ValueError(f"cohort.seeds names an individual twice: {list(self.seeds)}")
        elif self.size is None or self.first_seed is None:
            raise ValueError("cohort.size and cohort.first_seed are both needed where cohort.seeds is not given")
        elif self.first_seed + self.size - 1 > 4_294_966:
            raise ValueError(f"the last seed, {self.first_seed + self.size - 1}, is above 4294966")
        if self.data == "shared":
            for name in ("data", "train", "test"):
                if (seed := getattr(self.hold, name)) is not None:
                    raise ValueError(
                        f"cohort.hold.{name}={seed} has no meaning with cohort.data=shared, which are held already; "
                        "allowed with cohort.data=individual"
                    )
        return self

    @model_validator(mode="after")
    def _traits_of_members(self) -> Self:
        for name in TRAITS:
            if strangers := set(getattr(self.traits, name).values or {}) - set(self.members):
                raise ValueError(
                    f"cohort.traits.{name}.values names {min(strangers)}, who is none of the cohort's individuals: "
                    f"{format_seeds(self.members)}"
                )
        return self

    @property
    def members(self) -> tuple[int, ...]:
        """The seeds of all individuals."""
        if self.seeds is not None:
            return self.seeds
        first, size = self.first_seed or 0, self.size or 0
        return tuple(range(first, first + size))


def format_seeds(seeds: tuple[int, ...]) -> str:
    """Seeds in short, ranges with a dash.

    >>> format_seeds((0, 1, 2, 7, 9, 10))
    '0-2,7,9-10'
    """
    runs: list[list[int]] = []
    for seed in sorted(seeds):
        if runs and seed == runs[-1][-1] + 1:
            runs[-1][1:] = [seed]
        else:
            runs.append([seed])
    return ",".join("-".join(map(str, run)) for run in runs)
