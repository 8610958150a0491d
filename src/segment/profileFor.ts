import type { ModelConfig } from "../model/config.ts";
import { weightShapes } from "../model/integerModel.ts";
import { DEFAULT_PROFILE, LARGE_PROFILE, type Profile } from "../whir/profile.ts";

/** A model of so many weights is large: `LARGE_PROFILE`. */
const LARGE_FROM = 2 ** 24;

/** The profile that a model's segments are proven with, unless another is asked for. */
export function profileFor({ config }: { readonly config: ModelConfig }): Profile {
  const weights = Object.values(weightShapes(config)).reduce(
    (sum, [layers, rows, cols]) => sum + layers * rows * cols,
    0,
  );
  return weights < LARGE_FROM ? DEFAULT_PROFILE : LARGE_PROFILE;
}
