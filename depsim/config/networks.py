"""Whether a network goes with a task: asked when a job is composed, before anything trains."""

from __future__ import annotations

from functools import lru_cache
from math import prod

from depsim.config.errors import ConfigError, format_value
from depsim.factory import described
from depsim.model import Model
from depsim.model.checking import wrong_part
from depsim.model.torch_hooks import ModuleError
from depsim.model.torch_module import TorchModule
from depsim.model.torch_networks import paper
from depsim.model.torch_trace import FitError
from depsim.task import Task
from depsim.task.input_shapes import input_shapes


def fitted(model: Model, task: Task, model_choice: str, task_choice: str) -> Model:
    """The model as it takes a task's inputs.

    Args:
        model, task: that go together.
        model_choice, task_choice: what they are called.

    Raises:
        ConfigError: if they do not, naming what is wrong and what it must be.
    """
    if isinstance(model, TorchModule):
        model = _with_shape(model, input_shapes(task), task.inputs, task.classes, task_choice)
    elif type(model).__module__.startswith("depsim."):
        return model  # tests look at them
    try:
        wrong = _wrong_part(model, task.inputs, task.classes)
    except Exception as error:
        raise ConfigError(f"model={model_choice}: does not compute: {described(error)}") from error
    if wrong:
        raise ConfigError(f"model={model_choice}: {wrong}")
    return model


_wrong_part = lru_cache(maxsize=64)(wrong_part)


@lru_cache(maxsize=64)
def _with_shape(
    model: TorchModule, shapes: tuple[tuple[int, ...], ...], inputs: int, classes: int, task: str
) -> TorchModule:
    """The module with the first shape of inputs that it takes."""
    if model.shape is not None:
        if prod(model.shape) != inputs:
            raise ConfigError(
                f"model.shape={format_value(model.shape)}: has {prod(model.shape)} numbers; an input of task={task} "
                f"has {inputs}"
            )
        shapes = (model.shape,)
    function = f"{model.factory.__module__}:{model.factory.__qualname__}"
    factory, misfits = f"model.factory={function}:", list[FitError]()
    for shape in shapes:
        shaped = model.model_copy(update={"shape": shape})
        try:
            shaped.parts(inputs, classes)
        except FitError as error:
            misfits.append(error)
        except ModuleError as error:
            raise ConfigError(f"{factory} {error}") from error
        else:
            return shaped
    shown = " or ".join(format_value(shape) for shape in shapes)
    misfits.sort(key=lambda misfit: -misfit.reached)
    if model.factory is paper:
        factory = f"model.factory is not set, and {function}"
    raise ConfigError(
        f"{factory} does not fit task={task}, whose inputs have the shape {shown} and which has {classes} classes: "
        f"{'; '.join(map(str, misfits))}"
    )
