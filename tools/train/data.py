"""Stories as one stream of tokens, and the windows that are drawn from it."""
import gzip
import hashlib
import os

import numpy as np
import torch

from tokenizer import BOS

IGNORED = -100  # a target that is not scored


def read_stories(path, separator):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [story for story in (part.strip() for part in file.read().split(separator)) if story]


def describe_file(path):
    with open(path, "rb") as file:
        return {"file": os.path.basename(path), "sha256": hashlib.sha256(file.read()).hexdigest()}


class Stream:
    """Every story begins with BOS, which thereby also ends the story before it."""

    def __init__(self, stories, tokenizer):
        encoded = tokenizer.encode(stories, add_bos=True)
        self.tokens = np.concatenate([np.array(ids, np.int64) for ids in encoded])
        self.targets = np.append(self.tokens[1:], IGNORED)
        ends = np.cumsum([len(ids) for ids in encoded])
        self.story_starts = ends - [len(ids) for ids in encoded]
        # a story that was cut off has no end to learn
        whole = np.array([story[-1] in ".!?\"" for story in stories])
        self.targets[ends[~whole] - 1] = IGNORED

        pieces = [tokenizer.id_to_piece(i) for i in range(tokenizer.get_piece_size())]
        closes = np.array([piece[-1] in ".!?" for piece in pieces])
        opens = np.array([piece[0] == "\u2581" and len(piece) > 1 for piece in pieces])
        self.sentence_starts = 1 + np.flatnonzero(closes[self.tokens[:-1]] & opens[self.tokens[1:]])


def draw_batch(stream, random, batch, length, story_share, sentence_share):
    """
    Windows of three kinds: from a story's start; BOS and then some sentence (so that any prompt is
    a familiar beginning); anywhere. Returns tokens and targets, each (batch, length).
    """
    last = len(stream.tokens) - length
    x, y = np.empty((2, batch, length), np.int64)
    for row, kind in enumerate(random.random(batch)):
        if kind < story_share:
            start = min(random.choice(stream.story_starts), last)
        elif kind < story_share + sentence_share:
            start = min(random.choice(stream.sentence_starts), last)
            x[row] = np.append(BOS, stream.tokens[start:start + length - 1])
            y[row] = np.append(IGNORED, stream.targets[start:start + length - 1])
            y[row, 0] = IGNORED  # what a story begins with is learned from stories only
            continue
        else:
            start = random.integers(last)
        x[row] = stream.tokens[start:start + length]
        y[row] = stream.targets[start:start + length]
    return torch.from_numpy(x), torch.from_numpy(y)


def story_windows(stories, tokenizer, length):
    """
    The evaluation windows: each story by itself, BOS first, cut into consecutive windows of `length`
    tokens that do not overlap; every token but BOS is scored once, seeing its window's tokens only.
    """
    rows = []
    for ids in tokenizer.encode(stories, add_bos=True):
        for start in range(0, len(ids) - 1, length):
            x = ids[start:start + length]
            y = ids[start + 1:start + length + 1]
            x = x[:len(y)]
            padding = length - len(y)
            rows.append((x + [BOS] * padding, y + [IGNORED] * padding))
    x, y = zip(*rows)
    return torch.tensor(x), torch.tensor(y)
