"""
Prints stories of an exported model, and optionally writes greedy continuations as reference values:
    {"model", "runs": [{"prompt", "promptTokens", "greedyTokens", "text"}]}, greedyTokens without the prompt.
"""
import argparse
import json

import torch

from model import read_legacy
from tokenizer import BOS, load_tokenizer


@torch.no_grad()
def continue_tokens(model, tokens, count, temperature=0.0, stop=None):
    """At most `count` new tokens after `tokens`; greedy at temperature 0, where the lowest index wins ties."""
    tokens = list(tokens)
    for _ in range(min(count, model.cfg.max_seq_len - len(tokens))):
        logits = model(torch.tensor([tokens]))[0, -1]
        if temperature == 0:
            token = logits.argmax().item()
        else:
            token = torch.multinomial((logits / temperature).softmax(-1), 1).item()
        if token == stop:
            break
        tokens.append(token)
    return tokens


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--model", required=True, help="model.bin")
    add("--tokenizer", required=True, help="tokenizer.model")
    add("--prompt", action="append", help="may be given several times (default: none, from BOS)")
    add("--tokens", type=int, default=256)
    add("--temperature", type=float, default=0.0)
    add("--seed", type=int, default=1)
    add("--reference", help="write greedy continuations of `--tokens` tokens to this file")
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    model = read_legacy(args.model)
    with open(args.tokenizer, "rb") as file:
        tokenizer = load_tokenizer(file.read())

    runs = []
    for prompt in args.prompt or [""]:
        ids = tokenizer.encode(prompt, add_bos=True)
        stop = None if args.reference else BOS
        tokens = continue_tokens(model, ids, args.tokens, 0 if args.reference else args.temperature, stop)
        text = tokenizer.decode(tokens)
        print(text, end="\n\n")
        runs.append({"prompt": prompt, "promptTokens": ids, "greedyTokens": tokens[len(ids):], "text": text})
    if args.reference:
        with open(args.reference, "w") as file:
            json.dump({"model": "float32, greedy, token 1 = BOS first", "runs": runs}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
