"""
Makes test/vectors/models/smollm2.json: what `transformers` makes of SmolLM2's GGUF file, in float32: the tokens of
a few texts, and the loss of one window of tokens. Run by hand, as modelVectors.py, with accelerate installed too:

    venv/bin/python tools/smollm2Vectors.py <directory of the GGUF file> <its name> <text file>
"""

import json
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

OUT = pathlib.Path(__file__).parent.parent / "test" / "vectors" / "models" / "smollm2.json"
TEXTS = [
    "Once upon a time", " two  spaces", "don't I'LL we've", "tab\tand\nnew\n\n lines ", "1234567890 in 2024",
    "d\u00e9j\u00e0 vu, \u65e5\u672c\u8a9e \U0001f642!", "<|im_start|>user\nHi<|im_end|>\n", "x=f(y)[0]; // why?",
    "e\u0301 \u2026 \u00a0", "<|endoftext|>", "The capital of France is Paris.",
]

directory, name, text = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(directory, gguf_file=name)
model = AutoModelForCausalLM.from_pretrained(directory, gguf_file=name, dtype=torch.float32).eval()
encode = lambda text: tokenizer.encode(text, add_special_tokens=False)
window = encode(pathlib.Path(text).read_text().split("<|endoftext|>")[0].strip())
with torch.no_grad():
    losses = torch.log_softmax(model(torch.tensor([window[:-1]])).logits[0].double(), -1)
loss = -losses[torch.arange(len(window) - 1), torch.tensor(window[1:])].sum().item()
texts = [{"text": text, "tokens": encode(text)} for text in TEXTS]
OUT.write_text(json.dumps({"texts": texts, "window": window, "loss": loss}) + "\n")
