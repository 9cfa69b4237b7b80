"""Whose a `config.json` is: aeviz's, or that of another library, told by its fields."""

from collections.abc import Mapping
from typing import Any

from aeviz.errors import CheckpointError
from aeviz.importers.files.contents import Contents
from aeviz.store.checkpoints import CONFIG, read_json

OURS = frozenset({"family", "latent_dim"})


def fields_of(contents: Contents) -> Mapping[str, Any] | None:
    """What a folder's `config.json` states; None where there is none, or none that can be read."""
    if contents.alone or contents.named(CONFIG) is None:
        return None
    try:
        return read_json(contents.folder / CONFIG)
    except CheckpointError:
        return None


def library_of(fields: Mapping[str, Any]) -> str:
    """The library that writes such a config, with the class that it names: "diffusers (UNet2DModel)"; "" for ours."""
    if OURS & fields.keys() and not ({"_class_name", "model_type"} & fields.keys()):
        return ""
    architectures = fields.get("architectures")
    named = architectures[0] if isinstance(architectures, list) and architectures else fields.get("model_type", "")
    keras = "class_name" in fields and "config" in fields
    timm = "pretrained_cfg" in fields or ("architecture" in fields and "num_classes" in fields)
    libraries: tuple[tuple[bool, str, Any], ...] = (
        ("_class_name" in fields or "_diffusers_version" in fields, "diffusers", fields.get("_class_name", "")),
        (timm, "timm", fields.get("architecture", "")),
        ("model_type" in fields or "transformers_version" in fields, "transformers", named),
        (keras, "Keras", fields.get("class_name", "")),
        ("library_name" in fields, str(fields.get("library_name"))[:40], ""),
        ("target" in fields or "ddconfig" in fields or "params" in fields, "latent diffusion or taming", ""),
    )
    library, kind = next(((name, kind) for holds, name, kind in libraries if holds), ("another library", ""))
    return f"{library} ({kind[:60]})" if isinstance(kind, str) and kind else library


def library_sentence(fields: Mapping[str, Any] | None) -> str:
    """A sentence that names the library of a config, or "" where there is none, or it is ours."""
    if fields is None or not (library := library_of(fields)) or library == "another library":
        return ""
    return (
        f"Its {CONFIG} is one of {library}. Of other libraries, autoencoders of pythae and diffusers (AutoencoderKL, "
        "AutoencoderTiny) are read. "
    )
