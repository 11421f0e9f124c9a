"""Writes a BERT of one random layer, with 32 places and a tokenizer of whole words from vocab.txt."""

from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizer

torch.manual_seed(0)
words = Path("vocab.txt").read_text().splitlines()
tokenizer = BertTokenizer(vocab={word: i for i, word in enumerate(words)}, model_max_length=32)
tokenizer.save_pretrained("base")
sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 16}
config = BertConfig(vocab_size=len(words), max_position_embeddings=32, initializer_range=0.2, **sizes)
BertModel(config).save_pretrained("base")
