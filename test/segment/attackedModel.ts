import type { IntegerModel } from "../../src/model/integerModel.ts";
import { tinyModel } from "../model/tinyModel.ts";

/** Every axis that can be padded is: 3 of 4 layers, 3 of 4 KV heads, 24 of 32 features, 12 of 16, 13 of 16 words. */
export const attackedModel = (): IntegerModel =>
  tinyModel({ layers: 3, dim: 24, heads: 6, kvHeads: 3, hidden: 12, vocab: 13 });
