import type { Architecture } from "../floatModel.ts";
import { rotaryFrequencies, scaleFrequencies } from "../rotary.ts";
import type { JsonObject } from "./jsonObject.ts";

/** The architecture that a config.json of Hugging Face describes: llama, qwen2 or gpt2. */
export function hubArchitecture(config: JsonObject): Architecture {
  const kind = config.text("model_type");
  if (kind === "llama" || kind === "qwen2") return llama(config, kind);
  if (kind === "gpt2") return gpt2(config);
  return config.wrong("model_type", "llama, qwen2 or gpt2", kind);
}

function llama(config: JsonObject, kind: "llama" | "qwen2"): Architecture {
  for (const key of ["attention_bias", "mlp_bias", "use_sliding_window"])
    if (config.get(key) === true) config.wrong(key, "false", true);
  const activation = config.get("hidden_act") ?? "silu";
  if (activation !== "silu") config.wrong("hidden_act", "silu", activation);
  const dim = config.number("hidden_size");
  const heads = config.number("num_attention_heads");
  const headDim = config.number("head_dim", dim / heads);
  return {
    dim,
    hidden: config.number("intermediate_size"),
    layers: config.number("num_hidden_layers"),
    heads,
    kvHeads: config.number("num_key_value_heads", heads),
    headDim,
    vocab: config.number("vocab_size"),
    sequence: config.number("max_position_embeddings"),
    norm: "rms",
    epsilon: config.number("rms_norm_eps", 1e-6),
    activation: "silu",
    frequencies: frequenciesOf(config, headDim),
    biases: kind === "qwen2" ? "qkv" : "none",
    tied: config.get("tie_word_embeddings") === true,
  };
}

/** Newer files have base and scaling in `rope_parameters`, older ones in two fields. */
function frequenciesOf(config: JsonObject, headDim: number): Float64Array {
  const both = config.object("rope_parameters");
  const base = both?.number("rope_theta") ?? config.number("rope_theta", 10000);
  if (!(base >= 1 && base <= 2 ** 40)) config.wrong("rope_theta", "a number in [1, 2^40]", base);
  if (!(headDim >= 2 && headDim <= 4096)) config.wrong("head_dim", "a number in [2, 4096]", headDim);
  const frequencies = rotaryFrequencies(headDim, base);
  const scaling = both ?? config.object("rope_scaling");
  if (!scaling) return frequencies;
  const type = scaling.get("rope_type") ?? scaling.get("type");
  if (type === "default") return frequencies;
  const factor = scaling.number("factor");
  if (!(factor >= 1)) scaling.wrong("factor", "at least 1", factor);
  if (type === "linear") return frequencies.map((frequency) => frequency / factor);
  if (type !== "llama3") scaling.wrong("rope_type", "default, linear or llama3", type);
  return scaleFrequencies(frequencies, {
    factor,
    lowFactor: scaling.number("low_freq_factor"),
    highFactor: scaling.number("high_freq_factor"),
    original: scaling.number("original_max_position_embeddings"),
  });
}

function gpt2(config: JsonObject): Architecture {
  for (const key of ["scale_attn_by_inverse_layer_idx", "add_cross_attention"])
    if (config.get(key) === true) config.wrong(key, "false", true);
  if (config.get("scale_attn_weights") === false) config.wrong("scale_attn_weights", "true", false);
  const activation = config.get("activation_function") ?? "gelu_new";
  if (activation !== "gelu_new" && activation !== "gelu_pytorch_tanh")
    config.wrong("activation_function", "gelu_new", activation);
  const dim = config.number("n_embd");
  const heads = config.number("n_head");
  const hidden = config.get("n_inner") ?? null;
  return {
    dim,
    hidden: hidden === null ? 4 * dim : config.number("n_inner"),
    layers: config.number("n_layer"),
    heads,
    kvHeads: heads,
    headDim: dim / heads,
    vocab: config.number("vocab_size"),
    sequence: config.number("n_positions"),
    norm: "layer",
    epsilon: config.number("layer_norm_epsilon", 1e-5),
    activation: "gelu",
    biases: "all",
    tied: config.get("tie_word_embeddings") !== false,
  };
}
