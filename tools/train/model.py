"""The Llama model of karpathy/llama2.c, and its legacy float32 file format."""
import math
import os
import struct
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Config:
    dim: int = 128
    hidden_dim: int = 256
    n_layers: int = 4
    n_heads: int = 4
    n_kv_heads: int = 2
    vocab_size: int = 512
    max_seq_len: int = 256
    norm_eps: float = 1e-5
    rope_theta: float = 10000.0

    @property
    def head_dim(self):
        return self.dim // self.n_heads


def rope_tables(cfg):
    """cos and sin, each (position, pair)"""
    frequencies = cfg.rope_theta ** (-torch.arange(0, cfg.head_dim, 2).float() / cfg.head_dim)
    angles = torch.outer(torch.arange(cfg.max_seq_len).float(), frequencies)
    return angles.cos(), angles.sin()


def rotate(x, cos, sin):
    """Rotates the interleaved pairs (2i, 2i+1) of x: (batch, position, head, feature)."""
    even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
    cos, sin = cos[:, None, :], sin[:, None, :]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Layer(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        kv_dim = cfg.n_kv_heads * cfg.head_dim
        matrix = lambda rows, columns: nn.Parameter(torch.empty(rows, columns))
        self.rms_att = nn.Parameter(torch.ones(cfg.dim))
        self.wq = matrix(cfg.dim, cfg.dim)
        self.wk = matrix(kv_dim, cfg.dim)
        self.wv = matrix(kv_dim, cfg.dim)
        self.wo = matrix(cfg.dim, cfg.dim)
        self.rms_ffn = nn.Parameter(torch.ones(cfg.dim))
        self.w1 = matrix(cfg.hidden_dim, cfg.dim)
        self.w2 = matrix(cfg.dim, cfg.hidden_dim)
        self.w3 = matrix(cfg.hidden_dim, cfg.dim)

    def forward(self, h, cos, sin):
        cfg = self.cfg
        kv_dim = cfg.n_kv_heads * cfg.head_dim

        x = F.rms_norm(h, (cfg.dim,), self.rms_att, cfg.norm_eps)
        qk, v = F.linear(x, torch.cat((self.wq, self.wk, self.wv))).split((cfg.dim + kv_dim, kv_dim), -1)
        qk = rotate(qk.unflatten(-1, (-1, cfg.head_dim)), cos, sin).transpose(1, 2)
        q, k = qk.split((cfg.n_heads, cfg.n_kv_heads), 1)
        v = v.unflatten(-1, (-1, cfg.head_dim)).transpose(1, 2)
        group = cfg.n_heads // cfg.n_kv_heads
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h + F.linear(mixed.transpose(1, 2).flatten(-2), self.wo)

        x = F.rms_norm(h, (cfg.dim,), self.rms_ffn, cfg.norm_eps)
        gate, up = F.linear(x, torch.cat((self.w1, self.w3))).chunk(2, -1)
        return h + F.linear(F.silu(gate) * up, self.w2)


class Llama(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        self.embedding = nn.Parameter(torch.empty(cfg.vocab_size, cfg.dim))  # also the head
        self.layers = nn.ModuleList(Layer(cfg) for _ in range(cfg.n_layers))
        self.rms_final = nn.Parameter(torch.ones(cfg.dim))
        cos, sin = rope_tables(cfg)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                into_residual = name.endswith(("wo", "w2"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * cfg.n_layers) if into_residual else 0.02)

    def hidden(self, tokens):
        """The residual stream after the embedding and after each layer."""
        length = tokens.shape[1]
        states = [F.embedding(tokens, self.embedding)]
        for layer in self.layers:
            states.append(layer(states[-1], self.cos[:length], self.sin[:length]))
        return states

    def forward(self, tokens):
        """tokens (batch, position) -> logits (batch, position, vocabulary)"""
        h = F.rms_norm(self.hidden(tokens)[-1], (self.cfg.dim,), self.rms_final, self.cfg.norm_eps)
        return F.linear(h, self.embedding)


def write_legacy(model, path):
    """llama2.c's legacy format: 7 int32, then float32 arrays, each over all layers."""
    cfg = model.cfg
    arrays = [model.embedding]
    for name in ("rms_att", "wq", "wk", "wv", "wo", "rms_ffn", "w1", "w2", "w3"):
        arrays += [getattr(layer, name) for layer in model.layers]
    arrays += [model.rms_final, model.cos, model.sin]
    header = struct.pack("<7i", cfg.dim, cfg.hidden_dim, cfg.n_layers, cfg.n_heads, cfg.n_kv_heads,
                         cfg.vocab_size, cfg.max_seq_len)  # a positive vocab_size means a tied head
    with open(path + ".tmp", "wb") as file:
        file.write(header)
        for array in arrays:
            file.write(array.detach().contiguous().numpy().astype("<f4").tobytes())
    os.replace(path + ".tmp", path)


def read_legacy(path):
    """The inverse of write_legacy (tied heads only)."""
    with open(path, "rb") as file:
        data = file.read()
    cfg = Config(*struct.unpack("<7i", data[:28]))
    model = Llama(cfg)
    values = torch.frombuffer(bytearray(data[28:]), dtype=torch.float32)
    offset = 0

    def take(target):
        nonlocal offset
        target.data.copy_(values[offset:offset + target.numel()].view_as(target))
        offset += target.numel()

    take(model.embedding)
    for name in ("rms_att", "wq", "wk", "wv", "wo", "rms_ffn", "w1", "w2", "w3"):
        for layer in model.layers:
            take(getattr(layer, name))
    take(model.rms_final)
    take(model.cos)
    take(model.sin)
    if offset != values.numel():
        raise ValueError(f"{path}: expected {offset} floats, found {values.numel()}")
    return model
