"""What a call accepts, as far as that can be told from the source. Where it cannot, nothing is said."""

import re
from dataclasses import dataclass, replace

import griffe

from ml_intern.training.libraries.symbols import Symbols, base_paths

TRANSPARENT = frozenset({
    "abstractmethod", "add_end_docstrings", "add_start_docstrings", "array_function_dispatch",
    "auto_docstring", "cache", "classmethod", "contextmanager", "dataclass", "enable_grad", "experimental",
    "final", "fit_context", "inference_mode", "lru_cache", "no_grad", "overload", "override", "requires",
    "runtime_checkable", "set_module", "staticmethod", "unstable", "use_grad_for_differentiable",
    "validate_params",
})  # fmt: skip
"""Decorators that leave the arguments of what they decorate as they are, without leading underscores."""
RENAMING = re.compile(r"deprecat|removed_param|renamed_param")
"""Decorators that accept a call as it was once written: old names, which they tell, or fewer names."""
HARMLESS = frozenset({"object", "abc.ABC", "typing.Generic", "typing.Protocol"})
"""Bases that take no part in how an object is made."""
KINDS = griffe.ParameterKind


@dataclass(frozen=True)
class Signature:
    """The names that can be given, and how many arguments without a name; None where that has no limit."""

    keywords: tuple[str, ...]
    positional: int | None
    takes_any_keyword: bool = False


def signature_of(symbols: Symbols, dotted: str) -> Signature | None:
    """What a call of `dotted` accepts; None where that cannot be told for certain."""
    found = symbols.find(dotted)
    if isinstance(found, griffe.Class):
        return _made(symbols, found)
    if not isinstance(found, griffe.Function):
        return None
    in_class = isinstance(found.parent, griffe.Class)
    if in_class and not {"classmethod", "staticmethod"} & found.labels:
        return None  # called on the class, or on what somebody put in its place
    return _taken(found, bound=in_class and "classmethod" in found.labels)


def _made(symbols: Symbols, found: griffe.Class) -> Signature | None:
    """What makes an object of the class: its own `__init__`, its fields, or those of its only ancestor."""
    if not all(_is_plain(each) for each in symbols.ancestry(found)):
        return None
    own = found.members.get("__init__")
    if own is not None:
        return _taken(own, bound=True) if isinstance(own, griffe.Function) else None
    if "dataclass" in found.labels:
        return _fields(symbols, found)
    bases = [
        each
        for path, each in zip(base_paths(found), symbols.bases(found), strict=True)
        if path not in HARMLESS
    ]
    # With several ancestors, the order in which Python asks them decides: that is left to Python.
    return _made(symbols, bases[0]) if len(bases) == 1 and isinstance(bases[0], griffe.Class) else None


def _is_plain(found: griffe.Class) -> bool:
    """Whether objects of the class are made by `__init__` alone, as it stands there."""
    metaclass = str(found.keywords.get("metaclass", "ABCMeta")).rpartition(".")[2]
    known = all(_decorator(each) in TRANSPARENT for each in found.decorators)
    return known and metaclass == "ABCMeta" and "__new__" not in found.members


def _taken(function: griffe.Function, bound: bool) -> Signature | None:
    """The arguments of a function; without its first where that is filled in."""
    old: list[str] = []
    changing = [each for each in function.decorators if RENAMING.search(_decorator(each))]
    for each in function.decorators:
        if each in changing:
            old += re.findall(r"['\"](\w+)['\"]", str(each.value))
        elif _decorator(each) not in TRANSPARENT:
            return None
    parameters = list(function.parameters)[bound:]
    plain = [each for each in parameters if each.kind in (KINDS.positional_only, KINDS.positional_or_keyword)]
    named = [each for each in parameters if each.kind in (KINDS.keyword_only, KINDS.positional_or_keyword)]
    kinds = {each.kind for each in parameters}
    limited = not changing and KINDS.var_positional not in kinds
    return Signature(
        keywords=(*(each.name for each in named), *old),
        positional=len(plain) if limited else None,
        takes_any_keyword=KINDS.var_keyword in kinds,
    )


def _fields(symbols: Symbols, found: griffe.Class) -> Signature | None:
    """The fields of a dataclass and of those that it extends."""
    settings = " ".join(str(each.value) for each in found.decorators)
    if re.search(r"\binit\s*=", settings):
        return None
    before = Signature((), 0)
    for base in symbols.bases(found):
        inherited = _fields(symbols, base) if isinstance(base, griffe.Class) else None
        if inherited is None:
            return None
        before = replace(inherited, keywords=(*before.keywords, *inherited.keywords), positional=None)
    own = [each for each in found.members.values() if isinstance(each, griffe.Attribute) and _is_field(each)]
    # Which of them must be named is not counted: `kw_only` can stand on the class or on a field.
    texts = [settings, *(f"{each.annotation} {each.value}" for each in own)]
    unclear = before.keywords or re.search("kw_only", " ".join(texts), re.I)
    names = (*before.keywords, *(each.name for each in own))
    return Signature(names, None if unclear else len(own))


def _is_field(member: griffe.Attribute) -> bool:
    if member.annotation is None or "property" in member.labels:
        return False
    # A ClassVar is an attribute of the class alone.
    return "instance-attribute" in member.labels and not re.search(r"\binit=False", str(member.value))


def _decorator(decorator: griffe.Decorator) -> str:
    return decorator.callable_path.rpartition(".")[2].lstrip("_")
