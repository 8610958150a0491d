import type { Air, Tensor } from "../air/air.ts";
import type { ModelConfig } from "../model/config.ts";
import { isGated } from "../model/options.ts";
import type { EventName } from "../model/sink.ts";
import type { SegmentRows } from "./recorder.ts";
import { spread } from "./spread.ts";
import type { Witness } from "./witness.ts";

/**
 * The virtual tensors that the weights are a factor of, biases included, padded, as the decoder computed them: it
 * has just multiplied the same matrices. Dead rows and all padding are zero, as their inputs are.
 */
export function matrixProducts(
  { config, air }: { config: ModelConfig; air: Air },
  rows: SegmentRows,
): Witness {
  const { layers, kvHeads, heads, headDim, dim, hidden, vocab } = config;
  const live = rows.tokens.length;
  const products: Witness = new Map();
  const place = (name: string, values: Int32Array, dims: readonly number[]) => {
    const { logSize, logs } = air.tensors.get(name) as Tensor;
    const padded = new Int32Array(2 ** logSize);
    spread(
      values,
      [live, ...dims],
      padded,
      logs.map((log) => 2 ** log),
    );
    products.set(name, padded);
  };
  const event = (name: EventName) => rows.events[name] as Int32Array;
  const pairs = [headDim / 2, 2];
  place("q.sum", event("accQ"), [layers, kvHeads, heads / kvHeads, ...pairs]);
  place("k.sum", event("accK"), [layers, kvHeads, ...pairs]);
  place("v.sum", event("accV"), [layers, kvHeads, ...pairs]);
  place("attention.sum", event("accO"), [layers, dim]);
  place("gate.sum", event("accGate"), [layers, hidden]);
  if (isGated(config)) place("up.sum", event("accUp"), [layers, hidden]);
  place("mlp.sum", event("accDown"), [layers, dim]);
  place("logit", event("logits"), [vocab]);
  // A relation: the difference of the embeddings and their bytes.
  place("embedded", new Int32Array(live * dim), [dim]);
  return products;
}
