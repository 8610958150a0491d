import type { ModelConfig } from "../model/config.ts";

/** How much of the padded axes is real; the others are powers of two. */
export function decodeLengths(config: ModelConfig): Record<string, number> {
  const { layers, dim, heads, kvHeads, hidden, vocab } = config;
  return { l: layers, i: dim, kv: kvHeads, g: heads / kvHeads, f: hidden, v: vocab };
}

/**
 * log2 of the axes of the decode tables, each padded to a power of two. Padded layers, heads and
 * features have zero weights; padded layers also take no input, so all their activations are zero.
 *
 * | axis | runs over |
 * | --- | --- |
 * | t | rows of the segment; position = T·block + t |
 * | b, j | block and place in the block of a context position |
 * | l | layers |
 * | i | features of the residual stream |
 * | kv, g | KV heads, query heads of one KV head |
 * | p, s | rotated pairs of a head's coordinates, coordinate in the pair (z: before the rotation) |
 * | f | features of the MLP |
 * | v | vocabulary |
 */
export function decodeAxes(config: ModelConfig, logSegment: number): Record<string, number> {
  const log = (n: number) => Math.ceil(Math.log2(n));
  const logHead = log(config.headDim);
  return {
    t: logSegment,
    b: log(config.capacity) - logSegment,
    j: logSegment,
    l: log(config.layers),
    i: log(config.dim),
    kv: log(config.kvHeads),
    g: log(config.heads / config.kvHeads),
    p: logHead - 1,
    s: 1,
    z: 1,
    f: log(config.hidden),
    v: log(config.vocab),
  };
}
