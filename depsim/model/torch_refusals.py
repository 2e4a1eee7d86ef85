"""What a PyTorch module may not be or do where a whole cohort of it is computed at once."""

from __future__ import annotations

from depsim.lazy_torch import torch
from depsim.model.torch_hooks import ModuleError


def require_plain(module: torch.nn.Module) -> None:
    """Refuse layers that look at other samples or draw, and parameters that cannot be an individual's.

    Raises:
        ModuleError: naming the layer or the parameter, with what to do.
    """
    for name, layer in module.named_modules():
        kind = type(layer).__name__
        if isinstance(layer, torch.nn.modules.batchnorm._NormBase) and (
            isinstance(layer, torch.nn.modules.batchnorm._BatchNorm) or layer.track_running_stats
        ):
            raise ModuleError(
                f"{name}: {kind} keeps statistics of batches, which no cohort has; use LayerNorm or GroupNorm"
            )
        if isinstance(layer, torch.nn.modules.dropout._DropoutNd | torch.nn.RReLU):
            raise ModuleError(
                f"{name}: {kind} draws while the network computes; leave it out, internal noise is depsim's"
            )
    for name, value in module.named_parameters():
        if isinstance(value, torch.nn.parameter.UninitializedParameter):
            raise ModuleError(f"{name}: has no shape yet; use layers that say their number of inputs, none of Lazy...")
        if value.device.type != "cpu":
            raise ModuleError(f"{name}: is on {value.device}; must be on the CPU, depsim moves it to device=...")
        if value.dtype != torch.float32:
            raise ModuleError(f"{name}: is {value.dtype}; must be torch.float32")
        if not value.requires_grad:
            raise ModuleError(f"{name}: does not learn; must learn, what is constant is a buffer (register_buffer)")


def require_no_draws(module: torch.nn.Module, x: torch.Tensor) -> None:
    """Refuse a module whose outputs for the same inputs, or whose buffers, change from one time to the next.

    Args:
        module: to look at.
        x: inputs that it takes.

    Raises:
        ModuleError: if it draws random numbers, or changes itself.
    """
    buffers = {name: value.clone() for name, value in module.named_buffers()}
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        before = torch.get_rng_state()
        first, second = module(x), module(x)
        has_drawn = not torch.equal(before, torch.get_rng_state())
    if has_drawn or not torch.equal(first, second):
        raise ModuleError(
            "forward() draws random numbers, or remembers; must give the same for the same inputs, noise is depsim's"
        )
    if changed := [name for name, value in module.named_buffers() if not torch.equal(buffers[name], value)]:
        raise ModuleError(f"{changed[0]}: forward() changes this buffer; it has to stay as it is")


def require_alike(module: torch.nn.Module, other: torch.nn.Module) -> None:
    """Refuse modules of two individuals that differ in more than the values of their parameters.

    Raises:
        ModuleError: saying in what.
    """
    if module is other:
        raise ModuleError("returned the same module twice; must make a new one each time that it is called")
    if _shapes(module) != _shapes(other):
        raise ModuleError("made modules with different parameters; must make the same layers each time it is called")
    drawn = [name for name, value in other.named_buffers() if not torch.equal(module.get_buffer(name), value)]
    if drawn:
        raise ModuleError(f"{drawn[0]}: this buffer is drawn at random; must be a parameter, or the same every time")


def _shapes(module: torch.nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in module.named_parameters()}
