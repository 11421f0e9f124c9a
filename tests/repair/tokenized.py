"""A script that feeds tokens to a BERT with few places. Tests break it on purpose."""

import json
import sys
from pathlib import Path

import polars as pl
from transformers import AutoTokenizer, BertConfig, BertModel

config = json.loads(Path(sys.argv[1]).read_text())
tokenizer = AutoTokenizer.from_pretrained(config["base_model"])
texts = pl.read_parquet("data/train.parquet")[config["text_column"]].to_list()
sizes = dict(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
model = BertModel(BertConfig(vocab_size=len(tokenizer), max_position_embeddings=32, **sizes))
tokenizer.model_max_length = 32
for text in texts:
    model(**tokenizer(text, return_tensors="pt"))
print("done")
