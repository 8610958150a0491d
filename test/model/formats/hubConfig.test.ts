import { expect, test } from "bun:test";
import { hubArchitecture } from "../../../src/model/formats/hubConfig.ts";
import { JsonObject } from "../../../src/model/formats/jsonObject.ts";
import { vectorJson } from "./vectorFolder.ts";

const architecture = (name: string, change: object) => {
  const config = { ...vectorJson(`${name}/config.json`), ...change };
  return hubArchitecture(JsonObject.parse("config.json", new TextEncoder().encode(JSON.stringify(config))));
};

test.each([
  ["smollm", { attention_bias: true }, "attention_bias: expected false, found true"],
  ["smollm", { hidden_act: "relu" }, "hidden_act: expected silu, found relu"],
  ["qwen2", { use_sliding_window: true }, "use_sliding_window: expected false, found true"],
  ["gpt2", { activation_function: "gelu" }, "activation_function: expected gelu_new, found gelu"],
  ["gpt2", { scale_attn_weights: false }, "scale_attn_weights: expected true, found false"],
  [
    "gpt2",
    { scale_attn_by_inverse_layer_idx: true },
    "scale_attn_by_inverse_layer_idx: expected false, found true",
  ],
  ["gpt2", { add_cross_attention: true }, "add_cross_attention: expected false, found true"],
])("%s with %j, which is another function, is refused", (name, change, message) => {
  architecture(name, {});
  expect(() => architecture(name, change)).toThrow(`config.json: ${message}`);
});
