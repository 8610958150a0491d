import { describe, expect, test } from "bun:test";
import { FloatDecoder } from "../../../src/model/floatDecoder.ts";
import type { Checkpoint } from "../../../src/model/formats/checkpoint.ts";
import { readGgufCheckpoint } from "../../../src/model/formats/ggufCheckpoint.ts";
import { readHubCheckpoint } from "../../../src/model/formats/hubCheckpoint.ts";
import { bytesAccess } from "../../../src/model/formats/randomAccess.ts";
import { vectorBytes, vectorFolder, vectorJson } from "./vectorFolder.ts";

/** The logits are those of `transformers` (tools/modelVectors.py). */
describe.each(["smollm", "llama3", "qwen2", "gpt2"])("%s", (name) => {
  const { tokens, logits } = vectorJson(`${name}/logits.json`) as { tokens: number[]; logits: number[][] };

  function compare({ model, tokenizer }: Checkpoint): void {
    expect(tokenizer.encode("abcdab")).toEqual([31, 29]);
    const decoder = new FloatDecoder(model);
    const found = decoder.steps(tokens);
    let worst = 0;
    found.forEach((row, position) =>
      row.forEach((logit, i) => {
        worst = Math.max(worst, Math.abs(logit - logits[position]![i]!));
      }),
    );
    expect(worst).toBeLessThan(1e-4);
    // one by one, to the last bit the same
    decoder.reset();
    tokens.forEach((token, position) => void expect(decoder.step(token)).toEqual(found[position]!));
  }

  test("from safetensors", async () => compare(await readHubCheckpoint(vectorFolder(name))));

  test("from GGUF", async () =>
    compare(await readGgufCheckpoint(bytesAccess(name, vectorBytes(`${name}/model.gguf`)))));
});
