"""The tokenizer: trained as llama2.c trains its TinyStories vocabularies, exported as its tokenizer.bin."""
import io
import os
import struct

import sentencepiece as spm

UNKNOWN, BOS, EOS = 0, 1, 2


def train_tokenizer(stories, vocab_size):
    model = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=(line for story in stories for line in story.split("\n") if line),
        model_writer=model,
        model_type="bpe",
        vocab_size=vocab_size,
        character_coverage=1.0,
        num_threads=1,
        split_digits=True,
        allow_whitespace_only_pieces=True,
        byte_fallback=True,
        unk_surface=r" \342\201\207 ",
        normalization_rule_name="identity",
        unk_id=UNKNOWN, bos_id=BOS, eos_id=EOS, pad_id=-1,
        minloglevel=1,
    )
    return model.getvalue()  # add_dummy_prefix is sentencepiece's default


def load_tokenizer(model):
    return spm.SentencePieceProcessor(model_proto=model)


def write_tokenizer_bin(tokenizer, path):
    """int32 longest piece; then per token float32 score, int32 length, bytes."""
    pieces = []
    for token in range(tokenizer.get_piece_size()):
        text = tokenizer.id_to_piece(token)
        if token == BOS:
            text = "\n<s>\n"
        elif token == EOS:
            text = "\n</s>\n"
        pieces.append((tokenizer.get_score(token), text.replace("\u2581", " ").encode("utf-8")))
    with open(path + ".tmp", "wb") as file:
        file.write(struct.pack("<i", max(len(piece) for _, piece in pieces)))
        for score, piece in pieces:
            file.write(struct.pack("<fi", score, len(piece)) + piece)
    os.replace(path + ".tmp", path)
