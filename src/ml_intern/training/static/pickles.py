"""Pickle and its kin: reading such a file runs whatever it says."""

import ast
import re
from collections.abc import Iterator

from ml_intern.training.static.scripts import (
    Finding,
    Script,
    Surroundings,
    callee,
    is_constant,
    keyword,
    literal,
)

PICKLERS = frozenset({"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal"})
CALLS = frozenset({
    "joblib.dump", "joblib.load", "joblib.Memory", "pandas.read_pickle", "pandas.to_pickle",
})  # fmt: skip
WHOLE = re.compile(r"(\w+_)?(model|net|network|encoder|classifier)")
INSTEAD = "a model is stored without pickle: use safetensors, save_pretrained or JSON"


def pickles(script: Script, around: Surroundings) -> Iterator[Finding]:
    """What stores or reads objects as programs, or runs code that came as data."""
    for node in script.nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None)
            names = [module] if isinstance(module, str) else [each.name for each in node.names]
            tops = {name.partition(".")[0] for name in names} & PICKLERS
            for top in sorted(top for top in tops if not around.is_own(top)):
                yield script.finding(node, f"imports {top}; {INSTEAD}")
        elif isinstance(node, ast.Call):
            if problem := _problem(node, script):
                yield script.finding(node, problem)
        elif isinstance(node, ast.Dict) and any(
            key is not None and literal(key) == "trust_remote_code" and is_constant(value, True)
            for key, value in zip(node.keys, node.values, strict=True)
        ):
            yield script.finding(node, REMOTE)


REMOTE = "trusts code that comes with a model: set trust_remote_code=False and take another base model"


def _problem(call: ast.Call, script: Script) -> str:
    name = script.dotted(call.func)
    if is_constant(keyword(call, "trust_remote_code"), True):
        return REMOTE
    if is_constant(keyword(call, "allow_pickle"), True):
        return f"allows pickle in {name or callee(call)}; {INSTEAD}"
    if name in CALLS or callee(call) in ("to_pickle", "read_pickle"):
        return f"calls {name or callee(call)}; {INSTEAD}"
    if name == "torch.load" and not is_constant(keyword(call, "weights_only"), True):
        return "calls torch.load, which can run code: add weights_only=True"
    if name == "torch.save" and _is_whole_model(call):
        return "saves a whole model as pickle: save its state_dict(), or use save_pretrained"
    if isinstance(call.func, ast.Name) and call.func.id in ("eval", "exec"):
        if call.func.id not in script.imported and not (call.args and isinstance(call.args[0], ast.Constant)):
            return f"runs text as code with {call.func.id}: read data with json, or ast.literal_eval"
    return ""


def _is_whole_model(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    name = first.attr if isinstance(first, ast.Attribute) else getattr(first, "id", "")
    return WHOLE.fullmatch(name) is not None
