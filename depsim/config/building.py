"""From a composed configuration to typed, frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from depsim.assessment import Assessment
from depsim.component import Component
from depsim.config.composition import Composer
from depsim.config.errors import ConfigError, explain_validation, format_value
from depsim.config.functions import with_functions
from depsim.config.naming import name_job
from depsim.config.networks import fitted
from depsim.config.overrides import parse_overrides
from depsim.config.session import Session, require_own_workers
from depsim.execution.device import device_kind, largest_chunk
from depsim.execution.executor import Executor
from depsim.execution.healthy_files import FOLDER
from depsim.execution.healthy_store import StoreSettings
from depsim.execution.job import Job
from depsim.execution.plan import Resources
from depsim.population import Population
from depsim.protocol import Arm, Baseline, plan_arm
from depsim.registry import as_default, find_class, packages
from depsim.study.naming import PLACEBO, PLACEBO_OF
from depsim.study.reference import references
from depsim.study.stored import PARTS
from depsim.tracking import Tracking
from depsim.training import HealthyTraining
from depsim.traits import TraitError
from depsim.treatment import Placebo, Regimen
from depsim.treatment.layered import Layered

_PARTS: Mapping[str, type[Component]] = {**PARTS, "tracking": Tracking, "executor": Executor}
"""What the choice in each configuration group has to be."""
_Part = TypeVar("_Part", bound=Component)


@dataclass(frozen=True)
class JobSpec:
    """A composed and checked job, with who keeps its results and what may compute it."""

    job: Job
    tracking: Tracking
    resources: Resources


def prepare(overrides: Sequence[str], composer: Composer | None = None) -> JobSpec:
    """Compose and check one job.

    Args:
        overrides: as on the command line, e.g. ``treatment=ketamine``.
        composer: with which many jobs are composed faster, and with configuration of one's own.

    Raises:
        ConfigError: naming the key, the value and what is allowed.
    """
    composer, parsed = composer or Composer(), parse_overrides(overrides)
    if swept := [o.input_line for o in parsed if o.is_sweep_override()]:
        raise ConfigError(f"{swept[0]}: several values at once; use depsim run -m to run them one after the other")
    composed = composer.compose(parsed)
    return _build(composed.config, composed.choices, parsed, composer.extra_dir)


def _build(
    config: DictConfig, choices: Mapping[str, Any], parsed: Sequence[Override], extra_dir: str | None
) -> JobSpec:
    """Typed values from a composed configuration; the arguments are as in :func:`prepare` and its composition."""
    try:
        plain = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ConfigError(str(error).splitlines()[0]) from None
    assert isinstance(plain, dict)
    values: dict[str, Any] = {str(key): value for key, value in plain.items()}
    # A choice that another one has taken in is named by where it stands: treatment.drugs.ssri.
    named = {group.rpartition("@")[2]: choice for group, choice in choices.items() if not group.startswith("hydra/")}
    chosen = {place: str(choice) for place, choice in named.items()}
    known = [*_PARTS, "cohort", "training", *Session.model_fields]
    if unknown := [key for key in values if key not in known]:
        raise ConfigError(f"{unknown[0]}={values[unknown[0]]}: unknown key; allowed are {', '.join(known)}")
    if chosen.get(PLACEBO_OF) == PLACEBO:
        raise ConfigError(f"{PLACEBO_OF}={PLACEBO}: a placebo is its own placebo; allowed is any other treatment")
    session = validate(Session, "", {k: v for k, v in values.items() if k not in (*_PARTS, "cohort", "training")})
    try:
        kind = device_kind(session.device)
    except ValueError as error:
        raise ConfigError(f"device={session.device}: {error}") from None
    population = validate(Population, "cohort", _who(values.get("cohort"), session.seed, parsed))
    values["cohort"] = population.model_dump(mode="json")
    built = {group: construct(base, group, values.get(group)) for group, base in _PARTS.items()}
    training = validate(HealthyTraining, "training", values.get("training"))
    model = fitted(built["model"], built["task"], chosen["model"], chosen["task"])  # type: ignore[arg-type]
    baseline = Baseline(built["task"], model, training, population.data, population.hold)  # type: ignore[arg-type]
    _require_whole_batch(baseline)
    _require_layers(baseline, "treatment", built["treatment"])
    arm = _plan(baseline, built, population, chosen)
    tracking, executor = built["tracking"], built["executor"]
    assert isinstance(tracking, Tracking)
    assert isinstance(executor, Executor)
    require_own_workers(session, kind, executor, chosen["executor"])
    values.pop("executor"), chosen.pop("executor")  # who computes is no part of what was done; an address may be secret
    overrides = tuple(o.input_line or "" for o in parsed if o.key_or_group.partition(".")[0] != "executor")
    store = _healthy_store(session.cache_limit_gib) if tracking.keeps_files else None
    resources = Resources(session.device, session.workers, session.chunk, store, executor)
    _require_room(resources, baseline, len(population.members))
    assessment = built["assessment"]
    assert isinstance(assessment, Assessment)
    told = references() if tracking.keeps_files else ()
    claims = {name: text for one in told for name, text in one.declared(assessment.relevant).items()}
    job = Job(arm, "", population, kind, session.study, values, chosen, overrides, extra_dir, claims=claims)
    return JobSpec(name_job(job), tracking, resources)


def _healthy_store(limit_gib: float) -> StoreSettings:
    """The store of healthy networks, in the working directory; refuses one that can hold no database."""
    if unusable := set(str(Path.cwd())) & set("?%"):
        raise ConfigError(
            f"{Path.cwd()}: the address of a database cannot hold {' '.join(sorted(unusable))}; "
            "work in a folder without it, or with tracking=none"
        )
    return StoreSettings(FOLDER.absolute(), int(limit_gib * 2**30))


def _plan(baseline: Baseline, built: Mapping[str, Any], population: Population, chosen: Mapping[str, str]) -> Arm:
    """What is done to the individuals; refuses traits without effect."""
    parts = {group: built[group] for group in ("pathology", "treatment", "assessment", "follow_up")}
    try:
        return plan_arm(baseline, **parts, traits=population.traits)
    except TraitError as error:
        raise ConfigError(f"pathology={chosen['pathology']}: {error}") from None


def _require_whole_batch(baseline: Baseline) -> None:
    """Refuse batches that no training set fills."""
    size, most = baseline.training.batch_size, baseline.task.train_size
    if size > most:
        raise ConfigError(f"training.batch_size={size}: must be at most task.train_size={most}")


def _require_layers(baseline: Baseline, key: str, treatment: Component) -> None:
    """Refuse drugs in layers that the network does not have, or not of that kind."""
    if isinstance(treatment, Regimen):
        for name, drug in treatment.drugs.items():
            _require_layers(baseline, f"{key}.drugs.{name}", drug)
    elif isinstance(treatment, Placebo):
        _require_layers(baseline, f"{key}.of", treatment.of)
    elif isinstance(treatment, Layered) and (wrong := treatment.misplaced(baseline.architecture)):
        raise ConfigError(f"{key}.layers={format_value(treatment.layers)}: {wrong}")


def _require_room(resources: Resources, baseline: Baseline, individuals: int) -> None:
    """Refuse a chunk that would not fit into the memory that is free now."""
    if resources.chunk is None or resources.executor.is_elsewhere:
        return
    most = largest_chunk(resources.device, baseline, resources.processes)
    if min(resources.chunk, individuals) > most:
        raise ConfigError(
            f"chunk={resources.chunk}: so many individuals in each of {resources.processes} processes do not fit into "
            f"the free memory of {resources.device}; allowed are at most {most}, or null to choose"
        )


def validate(schema: type[_Part], key: str, values: Any) -> _Part:
    """An instance of a schema.

    Raises:
        ConfigError: naming the key below ``key``, the value and what is allowed.
    """
    if not isinstance(values, Mapping):
        raise ConfigError(f"{key}={values}: must be a group of keys: {', '.join(schema.model_fields)}")
    try:
        return schema.model_validate(dict(values))
    except ValidationError as error:
        raise explain_validation(error, key, schema) from None


def construct(base: type[_Part], group: str, values: Any) -> _Part:
    """The part that a group's ``_target_`` names: the one place where configuration becomes an object.

    Raises:
        ConfigError: if the target is not one of depsim's parts of that kind, or a value is not allowed.
    """
    target = values.get("_target_") if isinstance(values, Mapping) else None
    kind = find_class(target, base)
    if kind is None:
        raise ConfigError(f"{group}._target_={target}: must name a {base.__name__} of {' or '.join(packages())}")
    settings = {key: value for key, value in values.items() if key != "_target_"}
    _require_taken_in(base, kind, group, settings)
    settings = with_functions(kind, group, settings)
    return validate(kind, group, {key: _constructed(base, f"{group}.{key}", value) for key, value in settings.items()})


def _require_taken_in(base: type[Component], kind: type[Component], group: str, settings: Mapping[str, Any]) -> None:
    """Refuse parts of a part, such as the drugs of a regimen, for which no choice was taken in."""
    for name, field in kind.model_fields.items():
        parts = settings.get(name)
        if base in get_args(field.annotation) and isinstance(parts, Mapping):
            for part, value in parts.items():
                if not isinstance(value, Mapping) or "_target_" not in value:
                    place = f"{group}.{name}.{part}"
                    raise ConfigError(
                        f"{place}: no choice stands there; the {group}'s file must list one "
                        f"under defaults, such as {as_default(place)}"
                    )


def _constructed(base: type[_Part], key: str, value: Any) -> Any:
    """A value in which everything that names a class is a part of the group's kind."""
    if not isinstance(value, Mapping):
        return value
    if "_target_" in value:
        return construct(base, key, value)
    return {
        name: construct(base, f"{key}.{name}", part) if isinstance(part, Mapping) and "_target_" in part else part
        for name, part in value.items()
    }


def _who(cohort: Any, seed: int | None, parsed: Sequence[Override]) -> Any:
    """The cohort's keys, with ``seed`` as size and first seed and the default size giving way to a list of seeds."""
    if not isinstance(cohort, Mapping):
        return cohort
    given = {override.key_or_group for override in parsed}
    if seed is not None:
        if clash := given & {"cohort.seeds", "cohort.size", "cohort.first_seed"}:
            raise ConfigError(f"seed={seed}: one individual; not allowed together with {', '.join(sorted(clash))}")
        return {**cohort, "size": 1, "first_seed": seed, "seeds": None}
    if cohort.get("seeds") is not None and not given & {"cohort.size", "cohort.first_seed"}:
        return {**cohort, "size": None, "first_seed": None}
    return cohort
