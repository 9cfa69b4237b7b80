"""A model as a few lines of PyTorch: what one would write to build the same network and load its weights."""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from torch import nn

from aeviz.modalities.registry import MODALITIES
from aeviz.model import chain
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.bodies.conv import Upsample
from aeviz.model.bodies.conv1d import Upsample1d
from aeviz.model.bodies.table import BODIES
from aeviz.model.chain import Chained, Loading, Residual
from aeviz.model.layers import Layer, watch
from aeviz.types import Shape

INDENT = "    "
WIDTH = 100  # letters of a line with a comment


@dataclass(frozen=True)
class Line:
    """A line of the program. layer: the layer that it makes, by its name in `aeviz.model.layers`; "" for none."""

    text: str
    layer: str = ""


@dataclass(frozen=True)
class _Half:
    """Encoder or decoder.

    lines: the expression that builds it. call: what it makes of "{x}". classes: that it needs.
    """

    lines: list[Line]
    call: str
    classes: list[type]


def source(model: Autoencoder, file: str = "model.safetensors") -> list[Line]:
    """The lines of a program that builds a model and loads its weights from a file.

    Its `model` has `encode(x)`, which gives the mean and the spread of the code or the code alone, and `decode(z)`;
    both take the class behind that where the model is conditional. Of a network that was read from somebody's file it
    loads that file, by the names in there, or builds the layers alone where a few lines cannot load it. Raises
    ValueError for a network whose lines nobody knows.
    """
    config = model.config
    if isinstance(model, Chained):
        return _of_chain(model)
    if type(model) is not Autoencoder:
        raise ValueError("This network was not built by aeviz: its lines stand where it was built.")
    example = torch.zeros(1, *config.shape)
    layers = {layer.name: layer for layer in watch(model, example, _label(model))[0]}
    halves = [_half(model, name, layers) for name in ("encoder", "decoder")]
    name = _class_name(config.family)
    needed = [cls for half in halves for cls in half.classes]
    parts = [
        *_imports(needed),
        *_classes(needed),
        *_class(model, name, halves),
        Line(f"model = {name}().eval()"),
        Line(f'weights = load_file("{file}")'),
        *_loading(halves),
    ]
    return parts


def _of_chain(model: Chained) -> list[Line]:
    """The lines of a network that somebody else built."""
    assert isinstance(model, Autoencoder)
    config, whole = model.config, model.chain()
    layers = {layer.name: layer for layer in watch(model, torch.zeros(1, *config.shape))[0]}
    shown = {
        module: (name, _times(layers[name].shape)) for name, module in model.layer_names().items() if name in layers
    }
    name = _class_name(config.family)
    made = [Line(text, layer) for text, layer in chain.lines(whole, name, _written, shown)]
    loading = model.loading if isinstance(model, Loading) else ()
    stored = ["from safetensors.torch import load_file"] if any("load_file" in text for text in loading) else []
    imports = map(Line, ["import torch", *stored, "from torch import nn", "", ""])
    needed = [Residual] if any(isinstance(module, Residual) for module in model.modules()) else []
    ready = Line(f"model = {name}().eval()")
    return [*imports, *_classes(needed), *made, Line(""), Line(""), ready, *map(Line, loading)]


def _class_name(family: str) -> str:
    """The name of a class of models: VAE of "vae", BetaVAE of "beta-vae", Sparse of "sparse"."""
    words = [word.upper() if word.endswith("ae") else word.capitalize() for word in family.split("-")]
    return "".join(word for word in words if word.isidentifier()) or "Autoencoder"


def _label(model: Autoencoder) -> torch.Tensor | None:
    return torch.zeros(1, dtype=torch.int64) if model.config.classes else None


# ---- The two halves.


def _half(model: Autoencoder, name: str, layers: Mapping[str, Layer]) -> _Half:
    module = getattr(model, name)
    pattern = getattr(module, "as_sequence", None)
    if pattern is not None:
        lines = _sequence(name, module.layers, layers)
        classes = [type(layer) for layer in module.layers if type(layer) in (Upsample, Upsample1d)]
        call = pattern.replace("{layers}", f"self.{name}").replace("{shape}", _tuple(model.config.shape))
        return _Half(lines, call, classes)
    calls = BODIES[model.config.body].calls
    if calls is None:
        raise ValueError(f"The lines of a {model.config.body} network are not known.")
    expression = calls(model.config)[name == "decoder"]
    return _Half([Line(expression)], f"self.{name}({{x}})", [type(module)])


def _sequence(half: str, modules: nn.Sequential, layers: Mapping[str, Layer]) -> list[Line]:
    """The layers of a sequence, one a line with the shape that it gives; what follows a layer stands beside it."""
    lines: list[tuple[list[str], str]] = []
    for row, module in enumerate(modules):
        name = f"{half}.layers.{row}"
        if name in layers or isinstance(module, nn.Flatten | nn.Unflatten) or not lines:
            lines.append(([], name if name in layers else ""))
        lines[-1][0].append(_written(module))
    texts = []
    for parts, name in lines:
        text = f"{INDENT}{', '.join(parts)},"
        texts.append(Line(f"{text}  # {_times(layers[name].shape)}" if name else text, name))
    return [Line("nn.Sequential("), *texts, Line(")")] if texts else [Line("nn.Identity()")]


def _written(module: nn.Module) -> str:
    """The expression that makes a layer."""
    match module:
        case nn.Linear() if module.bias is not None:
            return f"nn.Linear({module.in_features}, {module.out_features})"
        case nn.Conv1d() | nn.Conv2d() if _is_plain(module):
            sides = f"{module.in_channels}, {module.out_channels}, {module.kernel_size[0]}"
            return f"nn.{type(module).__name__}({sides}, stride={module.stride[0]}, padding={module.padding[0]})"
        case nn.Flatten():
            return "nn.Flatten()"
        case nn.Unflatten():
            return f"nn.Unflatten(1, {_tuple(module.unflattened_size)})"
        case Residual():
            return f"Residual({', '.join(map(_written, module.conv_block))})"
        case Upsample():
            convolution = module.convolution
            sides = f"{convolution.in_channels}, {convolution.out_channels // 4}"
            return f"Upsample({sides}, {module.height}, {module.width})"
        case Upsample1d():
            along = module.convolution
            sides = f"{along.in_channels}, {along.out_channels // 2}"
            return f"Upsample1d({sides}, {module.places}, {along.kernel_size[0]})"
        case _:
            return f"nn.{module!r}"


def _is_plain(module: nn.Conv1d | nn.Conv2d) -> bool:
    """Whether a convolution is told by one side of its kernel, its stride and its padding."""
    sides = (module.kernel_size, module.stride, module.padding)
    even = all(isinstance(values, tuple) and len(set(values)) == 1 for values in sides)
    return even and module.bias is not None and set(module.dilation) == {1} and module.groups == 1


def _tuple(sides: Any) -> str:
    return repr(tuple(map(int, sides)))


def _times(shape: Shape) -> str:
    return " × ".join(map(str, shape))


# ---- The class of the model.


def _class(model: Autoencoder, name: str, halves: Sequence[_Half]) -> Iterator[Line]:
    config = model.config
    encoder, decoder = halves
    gaussian, given = config.code == "gaussian", ", label" if config.classes else ""
    behind = f"nn.functional.one_hot(label, {config.classes})"
    yield Line(f"class {name}(nn.Module):")
    yield Line(f"{INDENT}def __init__(self):")
    yield Line(f"{2 * INDENT}super().__init__()")
    yield from _assigned("encoder", encoder)
    numbers = f"  # {config.latent_dim} means, {config.latent_dim} logarithms of spreads" if gaussian else ""
    yield Line(
        f"{2 * INDENT}self.head = nn.Linear({model.head.in_features}, {model.head.out_features}){numbers}", "head"
    )
    yield from _assigned("decoder", decoder)
    yield Line("")
    yield Line(f"{INDENT}def encode(self, x{given}):")
    seen = "x.nan_to_num(0.0)" if MODALITIES[config.modality].missing else "x"
    features = encoder.call.replace("{x}", seen)
    if given:
        features = f"torch.cat([{features}, {behind}], 1)"
    head = f"self.head({features})" + (".relu()" if config.activation == "relu" and not gaussian else "")
    if gaussian:
        yield Line(f"{2 * INDENT}mean, log_std = {head}.chunk(2, dim=1)")
        yield Line(f"{2 * INDENT}return mean, log_std.clamp(-15, 15).exp()")
    else:
        yield Line(f"{2 * INDENT}return {head}")
    yield Line("")
    yield Line(f"{INDENT}def decode(self, z{given}):")
    logits = decoder.call.replace("{x}", f"torch.cat([z, {behind}], 1)" if given else "z")
    yield Line(f"{2 * INDENT}return {model.likelihood.written(logits)}")
    yield Line("")
    yield Line(f"{INDENT}def forward(self, x{given}):")
    if gaussian:
        yield Line(f"{2 * INDENT}mean, std = self.encode(x{given})")
        yield Line(f"{2 * INDENT}return self.decode(mean + std * torch.randn_like(std){given})")
    else:
        yield Line(f"{2 * INDENT}return self.decode(self.encode(x{given}){given})")
    yield Line("")
    yield Line("")


def _assigned(name: str, half: _Half) -> Iterator[Line]:
    first, *others = half.lines
    yield Line(f"{2 * INDENT}self.{name} = {first.text}", first.layer)
    for line in others:
        yield Line(f"{2 * INDENT}{line.text}", line.layer)


def _loading(halves: Sequence[_Half]) -> Iterator[Line]:
    """The file calls the layers of a sequence `encoder.layers.0`, which are `encoder.0` here."""
    named = "name"
    for half, name in zip(halves, ("encoder", "decoder"), strict=True):
        if len(half.lines) > 1:
            named += f'.replace("{name}.layers.", "{name}.")'
    if named == "name":
        yield Line("model.load_state_dict({name: value.float() for name, value in weights.items()})")
        return
    yield Line("model.load_state_dict({")
    yield Line(f"{INDENT}{named}: value.float()")
    yield Line(f"{INDENT}for name, value in weights.items()")
    yield Line("})")


# ---- The classes that it needs, as they stand in aeviz, without what is written for a reader of aeviz alone.


def _classes(needed: Sequence[type]) -> Iterator[Line]:
    for text in _definitions(needed).values():
        yield from (Line(line) for line in text.splitlines())
        yield from (Line(""), Line(""))


def _definitions(needed: Sequence[type]) -> dict[str, str]:
    """The classes and functions of aeviz that are needed, by name, each behind those that it needs itself."""
    sources: dict[str, str] = {}

    def add(item: Any) -> None:
        if item.__name__ in sources:
            return
        module = sys.modules[item.__module__]
        tree = _plain(ast.parse(inspect.getsource(item)))
        for name in _names(tree):
            other = getattr(module, name, None)
            if other is not item and callable(other) and getattr(other, "__module__", "").startswith("aeviz."):
                add(other)
        sources[item.__name__] = ast.unparse(tree).replace(":\n\n", ":\n")

    for cls in needed:
        add(cls)
    return sources


def _imports(needed: Sequence[type]) -> Iterator[Line]:
    texts = _definitions(needed).values()
    used = {name for text in texts for name in _names(ast.parse(text))}
    modules = {sys.modules[cls.__module__] for cls in needed}
    yield from (Line(text) for text in sorted({text for module in modules for text in _of_library(module, used)}))
    yield from (Line("import torch"), Line("from safetensors.torch import load_file"))
    yield from (Line("from torch import nn"), Line(""), Line(""))


def _of_library(module: ModuleType, used: set[str]) -> Iterator[str]:
    """The imports of a module from Python's own library that these names need."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in {"math", "itertools"}:
            names = [alias.name for alias in node.names if alias.name in used]
            if names:
                yield f"from {node.module} import {', '.join(names)}"


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


class _Plain(ast.NodeTransformer):
    """Leaves out docstrings and types."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        for argument in [*node.args.args, node.args.vararg, *node.args.kwonlyargs]:
            if argument:
                argument.annotation = None
        return self.visit_ClassDef(node)

    def visit_ClassDef(self, node: "ast.ClassDef | ast.FunctionDef") -> ast.AST:
        if ast.get_docstring(node) is not None:
            del node.body[0]
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        return ast.Assign([node.target], node.value, lineno=node.lineno)


def _plain(tree: ast.Module) -> ast.Module:
    plain: ast.Module = ast.fix_missing_locations(_Plain().visit(tree))
    return plain
