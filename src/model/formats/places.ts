import type { FloatWeights } from "../floatModel.ts";

/** Where an array of a float model comes from, in a checkpoint of some format. */
export interface Place {
  /** The tensor's name; "{}" stands for the layer. */
  readonly name: string;
  /** The tensor has a row per input. */
  readonly transposed?: boolean;
  /** Of how many equally tall matrices the tensor consists, and which of them this is. */
  readonly part?: readonly [index: number, count: number];
  /** Pairs that rotate are i and i + headDim/2, and are brought together. */
  readonly halves?: boolean;
}

export type Places = Partial<Record<keyof FloatWeights, Place>>;

const named = (prefix: string, names: Readonly<Partial<Record<keyof FloatWeights, string>>>): Places =>
  Object.fromEntries(Object.entries(names).map(([key, name]) => [key, { name: `${prefix}${name}` }]));

/** GGUF's names for the Llama family; `halves` for Qwen2, whose pairs are not brought together in the file. */
export function ggufLlamaPlaces(halves: boolean): Places {
  const layer = named("blk.{}.", {
    attentionGain: "attn_norm.weight",
    wv: "attn_v.weight",
    wo: "attn_output.weight",
    bv: "attn_v.bias",
    mlpGain: "ffn_norm.weight",
    gate: "ffn_gate.weight",
    up: "ffn_up.weight",
    down: "ffn_down.weight",
  });
  return {
    embedding: { name: "token_embd.weight" },
    ...layer,
    wq: { name: "blk.{}.attn_q.weight", halves },
    wk: { name: "blk.{}.attn_k.weight", halves },
    bq: { name: "blk.{}.attn_q.bias", halves },
    bk: { name: "blk.{}.attn_k.bias", halves },
    finalGain: { name: "output_norm.weight" },
    head: { name: "output.weight" },
  };
}

/** Hugging Face's names for the Llama family, Qwen2 included. */
export const HUB_LLAMA_PLACES: Places = {
  embedding: { name: "model.embed_tokens.weight" },
  ...named("model.layers.{}.", {
    attentionGain: "input_layernorm.weight",
    wv: "self_attn.v_proj.weight",
    wo: "self_attn.o_proj.weight",
    bv: "self_attn.v_proj.bias",
    mlpGain: "post_attention_layernorm.weight",
    gate: "mlp.gate_proj.weight",
    up: "mlp.up_proj.weight",
    down: "mlp.down_proj.weight",
  }),
  wq: { name: "model.layers.{}.self_attn.q_proj.weight", halves: true },
  wk: { name: "model.layers.{}.self_attn.k_proj.weight", halves: true },
  bq: { name: "model.layers.{}.self_attn.q_proj.bias", halves: true },
  bk: { name: "model.layers.{}.self_attn.k_proj.bias", halves: true },
  finalGain: { name: "model.norm.weight" },
  head: { name: "lm_head.weight" },
};

/** GPT-2 keeps q, k and v in one tensor. */
const fused = (name: string, transposed: boolean) => ({
  wq: { name: `${name}.weight`, part: [0, 3], transposed } as const,
  wk: { name: `${name}.weight`, part: [1, 3], transposed } as const,
  wv: { name: `${name}.weight`, part: [2, 3], transposed } as const,
  bq: { name: `${name}.bias`, part: [0, 3] } as const,
  bk: { name: `${name}.bias`, part: [1, 3] } as const,
  bv: { name: `${name}.bias`, part: [2, 3] } as const,
});

export const GGUF_GPT2_PLACES: Places = {
  embedding: { name: "token_embd.weight" },
  positions: { name: "position_embd.weight" },
  ...named("blk.{}.", {
    attentionGain: "attn_norm.weight",
    attentionShift: "attn_norm.bias",
    wo: "attn_output.weight",
    bo: "attn_output.bias",
    mlpGain: "ffn_norm.weight",
    mlpShift: "ffn_norm.bias",
    gate: "ffn_up.weight",
    bGate: "ffn_up.bias",
    down: "ffn_down.weight",
    bDown: "ffn_down.bias",
  }),
  ...fused("blk.{}.attn_qkv", false),
  finalGain: { name: "output_norm.weight" },
  finalShift: { name: "output_norm.bias" },
  head: { name: "output.weight" },
};

/** Hugging Face's names for GPT-2; `prefix` is "" or "transformer.". */
export function hubGpt2Places(prefix: string): Places {
  const layer = `${prefix}h.{}.`;
  return {
    embedding: { name: `${prefix}wte.weight` },
    positions: { name: `${prefix}wpe.weight` },
    ...named(layer, {
      attentionGain: "ln_1.weight",
      attentionShift: "ln_1.bias",
      bo: "attn.c_proj.bias",
      mlpGain: "ln_2.weight",
      mlpShift: "ln_2.bias",
      bGate: "mlp.c_fc.bias",
      bDown: "mlp.c_proj.bias",
    }),
    ...fused(`${layer}attn.c_attn`, true),
    wo: { name: `${layer}attn.c_proj.weight`, transposed: true },
    gate: { name: `${layer}mlp.c_fc.weight`, transposed: true },
    down: { name: `${layer}mlp.c_proj.weight`, transposed: true },
    finalGain: { name: `${prefix}ln_f.weight` },
    finalShift: { name: `${prefix}ln_f.bias` },
    head: { name: "lm_head.weight" },
  };
}
