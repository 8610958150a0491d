"""
Makes test/vectors/models: small random checkpoints and what other implementations make of them. Run by hand
when a vector is to be added; no part of the product or of its tests needs it.

    python -m venv venv && venv/bin/pip install numpy torch transformers safetensors gguf
    venv/bin/python tools/modelVectors.py

For each model: a folder as Hugging Face's `save_pretrained` writes it, the same weights as a GGUF file by the
`gguf` package, and the logits of `transformers` in float64 for a few tokens. For each of GGUF's block formats:
random blocks and what the `gguf` package decodes them to.
"""

import base64
import json
import pathlib
import shutil

import gguf
import numpy as np
import tokenizers
import torch
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

OUT = pathlib.Path(__file__).parent.parent / "test" / "vectors" / "models"
TOKENS = [1, 5, 31, 0, 7, 7, 19, 2, 30, 11, 4, 23, 8, 8, 29, 3, 16, 12, 9, 21]
LETTERS = ["<pad>", "<s>", "</s>"] + [chr(97 + i) for i in range(26)] + ["ab", "cd", "abcd"]
MERGES = ["a b", "c d", "ab cd"]
LLAMA = dict(
    vocab_size=32, hidden_size=32, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, bos_token_id=1, eos_token_id=2,
)

MODELS = {
    # as SmolLM2: tied, a large base
    "smollm": (LlamaForCausalLM, LlamaConfig(**LLAMA, tie_word_embeddings=True, rms_norm_eps=1e-5,
        rope_parameters=dict(rope_type="default", rope_theta=100000.0)), torch.bfloat16),
    # as Llama 3.2: scaled rotations, a head of its own
    "llama3": (LlamaForCausalLM, LlamaConfig(**LLAMA, tie_word_embeddings=False, rms_norm_eps=1e-6,
        rope_parameters=dict(rope_type="llama3", rope_theta=10000.0, factor=4.0, low_freq_factor=1.0,
            high_freq_factor=4.0, original_max_position_embeddings=32)), torch.float32),
    "qwen2": (Qwen2ForCausalLM, Qwen2Config(**LLAMA, tie_word_embeddings=True, rms_norm_eps=1e-6,
        use_sliding_window=False, rope_parameters=dict(rope_type="default", rope_theta=1000000.0)), torch.float16),
    "gpt2": (GPT2LMHeadModel, GPT2Config(vocab_size=32, n_positions=32, n_embd=16, n_layer=2, n_head=2,
        bos_token_id=1, eos_token_id=2), torch.float32),
}


def randomize(model, seed):
    """Weights large enough for every part to matter."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            noise = torch.randn(weight.shape, generator=generator)
            is_gain = weight.ndim == 1 and name.endswith("weight")
            weight.copy_(1 + 0.2 * noise if is_gain else 0.2 * noise)


def write_gguf(path, kind, model, config):
    writer = gguf.GGUFWriter(path, "llama" if kind in ("smollm", "llama3") else kind)
    gpt2 = kind == "gpt2"
    heads = config.num_attention_heads
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(4 * config.hidden_size if gpt2 else config.intermediate_size)
    writer.add_head_count(heads)
    if gpt2:
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
    else:
        writer.add_head_count_kv(config.num_key_value_heads)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(LETTERS)
    writer.add_token_types([3, 3, 3] + [1] * 29)
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    if kind == "llama3":
        ratio = inverse_frequencies(config) / model.model.rotary_emb.inv_freq.double().numpy()
        writer.add_tensor("rope_freqs.weight", ratio.astype(np.float32))
    arch = gguf.MODEL_ARCH.GPT2 if gpt2 else gguf.MODEL_ARCH.QWEN2 if kind == "qwen2" else gguf.MODEL_ARCH.LLAMA
    names = gguf.get_tensor_name_map(arch, config.num_hidden_layers)
    for name, weight in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        data = weight.float().numpy()
        if gpt2 and name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            data = data.T
        if not gpt2 and kind != "qwen2" and ("q_proj" in name or "k_proj" in name):
            count = heads if "q_proj" in name else config.num_key_value_heads
            shape = data.shape
            data = data.reshape(count, 2, shape[0] // count // 2, *shape[1:]).swapaxes(1, 2).reshape(shape)
        data = np.ascontiguousarray(data)
        new_name = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if data.ndim == 2 and kind == "smollm":
            kind_of = gguf.GGMLQuantizationType.BF16
            writer.add_tensor(new_name, gguf.quants.quantize(data, kind_of), raw_dtype=kind_of)
        else:
            writer.add_tensor(new_name, data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def inverse_frequencies(config):
    dim = config.hidden_size // config.num_attention_heads
    return config.rope_parameters["rope_theta"] ** (-np.arange(0, dim, 2) / dim)


def letter_tokenizer():
    vocab = {token: i for i, token in enumerate(LETTERS)}
    merges = [tuple(pair.split()) for pair in MERGES]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocab, merges))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.add_special_tokens(LETTERS[:3])
    return tokenizer


def write_models():
    for seed, (name, (kind, config, dtype)) in enumerate(MODELS.items()):
        folder = OUT / name
        shutil.rmtree(folder, ignore_errors=True)
        model = kind(config)
        randomize(model, seed)
        # the llama3 one in several files and an index
        model.to(dtype).save_pretrained(folder, max_shard_size="20KB" if name == "llama3" else "1GB")
        letter_tokenizer().save(str(folder / "tokenizer.json"))
        # read back, for .to() has rounded the rotations as well
        model = kind.from_pretrained(folder, dtype=torch.float32).eval()
        write_gguf(folder / "model.gguf", name, model, config)
        # float64, but for rotations and softmax, which transformers computes in float32
        logits = model.double()(torch.tensor([TOKENS])).logits[0]
        (folder / "logits.json").write_text(json.dumps(
            {"tokens": TOKENS, "logits": [[round(x, 7) for x in row] for row in logits.tolist()]}) + "\n")


def write_blocks():
    random = np.random.default_rng(7)
    vectors = {}
    for name in ["F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q6_K"]:
        kind = gguf.GGMLQuantizationType[name]
        block, size = gguf.GGML_QUANT_SIZES[kind]
        count = 4 if block > 1 else 64
        raw = random.integers(0, 256, (count, size), dtype=np.uint8)
        # scales that are numbers, of either sign, one of them subnormal
        halves = {"Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q4_K": [0, 2], "Q6_K": [208], "F16": [0]}
        for at in halves.get(name, []):
            scales = (random.standard_normal(count) * 0.05).astype(np.float16)
            scales[0] = np.float16(3e-7)
            raw[:, at:at + 2] = scales.view(np.uint8).reshape(count, 2)
        if name == "BF16":
            raw = (random.standard_normal(count).astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
            raw = raw.view(np.uint8).reshape(count, 2)
        numbers = gguf.quants.dequantize(raw.reshape(1, -1), kind).astype(np.float32).reshape(-1)
        vectors[name] = {
            "bytes": base64.b64encode(raw.tobytes()).decode(),
            "numbers": base64.b64encode(numbers.tobytes()).decode(),
        }
    (OUT / "blocks.json").write_text(json.dumps(vectors, indent=1) + "\n")


TEXTS = [
    "Once upon a time", " two  spaces", "don't I'LL we've", "tab\tand\nnew\n\n lines ", "1234567890 in 2024",
    "d\u00e9j\u00e0 vu, \u65e5\u672c\u8a9e \U0001f642!", "<|im_start|>user\nHi<|im_end|>\n", "x=f(y)[0]; // why?", "e\u0301 \u2026 \u00a0",
    "<|endoftext|>",
]


def write_tokenizer():
    """A tokenizer trained here, with Qwen2's way of cutting, and its tokens of a few texts."""
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.normalizer = tokenizers.normalizers.NFC()
    pattern = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+")
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([
        tokenizers.pre_tokenizers.Split(tokenizers.Regex(pattern), "isolated"),
        tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=400, show_progress=False,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator([pathlib.Path(__file__).read_text()], trainer)
    tokenizer.save(str(OUT / "tokenizer.json"))
    encoded = [tokenizer.encode(text) for text in TEXTS]
    (OUT / "tokens.json").write_text(json.dumps([
        {"text": text, "tokens": e.ids, "decoded": tokenizer.decode(e.ids)} for text, e in zip(TEXTS, encoded)
    ], indent=1) + "\n")


OUT.mkdir(parents=True, exist_ok=True)
write_models()
write_blocks()
write_tokenizer()
