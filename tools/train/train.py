"""
Trains the embedded default language model: a small Llama on short stories, on a CPU, in float32,
within a budget of wall time. Writes model.bin, tokenizer.bin, tokenizer.model and card.json at every
checkpoint (each by renaming a finished file), so that a usable model is there at any moment.
"""
import argparse
import copy
import dataclasses
import json
import math
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from data import IGNORED, Stream, describe_file, draw_batch, read_stories, story_windows
from model import Config, Llama, write_legacy
from tokenizer import load_tokenizer, train_tokenizer, write_tokenizer_bin


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--train", required=True, help="training stories, text or .gz")
    add("--heldout", required=True, help="held-out stories, for evaluation only")
    add("--separator", default="<|endoftext|>", help="what stands between two stories")
    add("--out", required=True, help="folder for the model, the tokenizer and the card")
    budget = parser.add_mutually_exclusive_group(required=True)
    budget.add_argument("--minutes", type=float, help="wall time; the learning rate follows the clock")
    budget.add_argument("--steps", type=int, help="number of steps; the learning rate follows them")
    add("--checkpoint-minutes", type=float, default=6)
    add("--seed", type=int, default=1)
    add("--batch", type=int, default=16)
    add("--learning-rate", type=float, default=2e-3)
    add("--warmup-steps", type=int, default=300)
    add("--weight-decay", type=float, default=0.1)
    add("--clip", type=float, default=1.0)
    add("--average", type=float, default=0.999, help="decay of the weights' moving average (the exported model)")
    add("--story-share", type=float, default=0.5, help="share of windows that begin with a story")
    add("--sentence-share", type=float, default=0.1, help="share of windows that begin with BOS and a sentence")
    add("--threads", type=int, default=0, help="0: whichever of 1 and 2 is faster, measured again and again")
    add("--compile", action="store_true", help="torch.compile (needs a C++ compiler)")
    return parser.parse_args()


class Threads:
    """Every `period` steps runs `trial` steps with each thread count and keeps the faster."""
    counts, trial, skipped, period = (1, 2), 8, 2, 400

    def __init__(self, fixed):
        self.fixed = fixed
        self.seconds = {}
        if fixed:
            torch.set_num_threads(fixed)

    def before(self, step):
        phase, place = divmod(step % self.period, self.trial)
        if self.fixed or place:
            return
        if phase < len(self.counts):
            torch.set_num_threads(self.counts[phase])
        elif phase == len(self.counts):
            torch.set_num_threads(min(self.seconds, key=self.seconds.get))
            self.seconds = {}

    def after(self, step, seconds):
        phase, place = divmod(step % self.period, self.trial)
        if phase < len(self.counts) and place >= self.skipped:
            count = self.counts[phase]
            self.seconds[count] = self.seconds.get(count, 0) + seconds


@torch.no_grad()
def evaluate(model, x, y, heldout_bytes):
    """Over all evaluation windows; the activations' largest magnitudes tell how well it will quantize."""
    loss, peaks = 0.0, torch.zeros(model.cfg.n_layers + 1)
    for rows, wanted in zip(x.split(32), y.split(32)):
        loss += F.cross_entropy(model(rows).flatten(0, 1), wanted.flatten(),
                                ignore_index=IGNORED, reduction="sum").item()
        peaks = torch.maximum(peaks, torch.stack([h.abs().max() for h in model.hidden(rows)]))
    scored = (y != IGNORED).sum().item()
    return {
        "perplexity": math.exp(loss / scored),
        "loss": loss / scored,
        "bitsPerByte": loss / math.log(2) / heldout_bytes,
        "tokensScored": scored,
        "windowing": f"each story alone, BOS first, consecutive windows of {x.shape[1]} tokens without "
                     "overlap, every token but BOS scored once",
        "largestResidual": [round(peak, 3) for peak in peaks.tolist()],
    }


def write_json(value, path):
    with open(path + ".tmp", "w") as file:
        json.dump(value, file, indent=2)
        file.write("\n")
    os.replace(path + ".tmp", path)


def command_line():
    """As it was called, with files by their names only."""
    return " ".join(["python"] + [os.path.basename(word) if os.sep in word else word for word in sys.argv])


def main():
    started = time.monotonic()
    args = parse_arguments()
    torch.manual_seed(args.seed)
    random = np.random.default_rng(args.seed)
    os.makedirs(args.out, exist_ok=True)
    cfg = Config()

    stories = read_stories(args.train, args.separator)
    heldout = read_stories(args.heldout, args.separator)
    proto = train_tokenizer(stories, cfg.vocab_size)
    tokenizer = load_tokenizer(proto)
    with open(os.path.join(args.out, "tokenizer.model"), "wb") as file:
        file.write(proto)
    write_tokenizer_bin(tokenizer, os.path.join(args.out, "tokenizer.bin"))
    stream = Stream(stories, tokenizer)
    windows = story_windows(heldout, tokenizer, cfg.max_seq_len)
    heldout_bytes = sum(len(story.encode("utf-8")) for story in heldout)

    model = Llama(cfg)
    average = copy.deepcopy(model).requires_grad_(False)
    parameters = list(model.parameters())
    print(f"{sum(p.numel() for p in parameters)} parameters, {len(stream.tokens)} training tokens, "
          f"{len(stories)} stories, {time.monotonic() - started:.0f} s to prepare", flush=True)
    optimizer = torch.optim.AdamW(
        [{"params": [p for p in parameters if p.dim() == 2], "weight_decay": args.weight_decay},
         {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0}],
        lr=args.learning_rate, betas=(0.9, 0.99), fused=True)
    forward = torch.compile(model) if args.compile else model
    threads = Threads(args.threads)
    begun = time.monotonic()
    minutes = lambda: (time.monotonic() - begun) / 60

    recent = []

    def checkpoint(step, finished):
        result = evaluate(average, *windows, heldout_bytes)
        loss = float(np.mean(recent))
        write_legacy(average, os.path.join(args.out, "model.bin"))
        write_json({
            "model": dataclasses.asdict(cfg),
            "parameters": sum(p.numel() for p in parameters),
            "data": {
                "train": describe_file(args.train) | {"stories": len(stories), "tokens": len(stream.tokens)},
                "heldout": describe_file(args.heldout) | {"stories": len(heldout), "bytes": heldout_bytes},
            },
            "finished": finished,
            "steps": step,
            "tokensSeen": step * args.batch * cfg.max_seq_len,
            "epochs": round(step * args.batch * cfg.max_seq_len / len(stream.tokens), 2),
            "wallMinutes": round(minutes(), 1),
            "trainingLoss": loss,
            "heldout": result,
            "seed": args.seed,
            "command": command_line(),
            "torch": torch.__version__,
        }, os.path.join(args.out, "card.json"))
        print(f"checkpoint: {step} steps, {minutes():.1f} min, training loss {loss:.4f}, held-out loss "
              f"{result['loss']:.4f}, perplexity {result['perplexity']:.4f}, "
              f"residual peaks {result['largestResidual']}", flush=True)

    step, saved = 0, 0.0
    while True:
        progress = step / args.steps if args.steps else minutes() / args.minutes
        if progress >= 1:
            break
        rate = args.learning_rate * min(1, (step + 1) / args.warmup_steps)
        for group in optimizer.param_groups:
            group["lr"] = rate * (0.01 + 0.99 * (1 + math.cos(math.pi * progress)) / 2)

        threads.before(step)
        before = time.monotonic()
        x, y = draw_batch(stream, random, args.batch, cfg.max_seq_len, args.story_share, args.sentence_share)
        loss = F.cross_entropy(forward(x).flatten(0, 1), y.flatten(), ignore_index=IGNORED)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, args.clip)
        optimizer.step()
        decay = min(args.average, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(average.parameters()), [p.detach() for p in parameters], 1 - decay)
        threads.after(step, time.monotonic() - before)

        recent = recent[-199:] + [loss.item()]
        step += 1
        if step % 200 == 0:
            print(f"step {step}  {minutes():.1f} min  loss {np.mean(recent):.4f}  "
                  f"{step * args.batch * cfg.max_seq_len / minutes() / 60:.0f} tokens/s  "
                  f"{torch.get_num_threads()} threads", flush=True)
        if minutes() - saved >= args.checkpoint_minutes:
            checkpoint(step, False)
            saved = minutes()
    checkpoint(step, True)


if __name__ == "__main__":
    main()
