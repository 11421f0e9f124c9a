"""The model that is fine-tuned: taken from a base model, and saved. Used by train.py."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import torch
from scoring import atomically  # type: ignore[import-not-found]  # the file beside this one
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer


def load_base(config: dict[str, Any], labels: list[str]) -> tuple[Any, Any]:
    """The base model's tokenizer, and the model with a new head for `labels`. No code of the model is run."""
    base = config["base_model"]
    source = {
        "revision": config["base_revision"],
        "local_files_only": Path(base).is_dir(),
        "trust_remote_code": False,
    }
    try:
        tokenizer = AutoTokenizer.from_pretrained(base, **source)
        settings = AutoConfig.from_pretrained(
            base,
            **source,
            id2label=dict(enumerate(labels)),
            label2id={label: i for i, label in enumerate(labels)},
            problem_type="single_label_classification",
        )
        has_mean = config["pooling"] == "mean" or (
            config["pooling"] == "auto" and settings.model_type == "bert"
        )
        if has_mean and settings.model_type != "bert":
            sys.exit(f"pooling mean is known for BERT, not for {settings.model_type}; set pooling to stock")
        settings.num_hidden_layers += has_mean
        model = AutoModelForSequenceClassification.from_pretrained(
            base, **source, config=settings, use_safetensors=True, dtype=torch.float32
        )
    except (OSError, ValueError) as error:
        sys.exit(f"the base model {base!r} cannot be loaded: {' '.join(str(error).split())}")
    if has_mean:
        pool_by_mean(model)
    longest = min(getattr(settings, "max_position_embeddings", math.inf), tokenizer.model_max_length)
    if config["max_length"] > longest:
        sys.exit(f"max_length is {config['max_length']}, but {base!r} takes at most {longest} tokens")
    tokenizer.model_max_length = config["max_length"]  # saved with the model, so that its users cut alike
    return tokenizer, model


@torch.no_grad()
def pool_by_mean(model: Any) -> None:
    """Let the last layer, which is new, start as the mean over all tokens.

    BERT's head reads the first token only, but sentence encoders were trained on the mean of all. Without
    queries and keys, attention is the same for every token: its result is their mean. So the architecture
    stays BERT's own, and every program that knows BERT can load the model.
    """
    layer, pooler = model.bert.encoder.layer[-1], model.bert.pooler.dense
    attention = layer.attention
    new = (attention.self.query, attention.self.key, attention.self.value, attention.output.dense)
    for part in (*new, layer.output.dense, pooler):
        part.weight.zero_()
        part.bias.zero_()
    attention.self.value.weight.fill_diagonal_(1.0)
    attention.output.dense.weight.fill_diagonal_(10.0)  # outweighs the first token, which is added to it
    pooler.weight.fill_diagonal_(0.5)  # keeps the tanh that follows away from its flat ends


def save_model(folder: Path, model: Any, tokenizer: Any, temperature: float, config: dict[str, Any]) -> None:
    """Write the model in the layout of the Hugging Face Hub.

    The head is divided by the temperature, so that every program that loads the model, such as the pipeline
    of transformers, gives calibrated probabilities without knowing of it.
    """
    head = [layer for layer in model.modules() if isinstance(layer, torch.nn.Linear)][-1]
    with torch.no_grad():
        for weight in head.parameters():
            weight.div_(temperature)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    own = {name: config[name] for name in ("text_column", "id_column", "max_length")}
    own |= {"format": 1, "temperature_in_head": temperature}
    atomically(folder / "intern.json", lambda path: path.write_text(json.dumps(own, indent=2) + "\n"))
