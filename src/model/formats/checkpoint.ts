import type { FloatModel } from "../floatModel.ts";
import type { Tokenizer } from "../tokenizer.ts";

/** A float model with what reads and writes its text. */
export interface Checkpoint {
  readonly model: FloatModel;
  readonly tokenizer: Tokenizer;
}
