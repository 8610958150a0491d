import { expect, test } from "bun:test";
import { bytesOf, ELEMENT_TYPES } from "../../../src/model/formats/elementTypes.ts";
import { vectorJson } from "./vectorFolder.ts";

const vectors: Record<string, { bytes: string; numbers: string }> = vectorJson("blocks.json");

/** Random blocks, as the `gguf` package decodes them (tools/modelVectors.py). */
test.each(Object.keys(vectors))("%s decodes to the reference's numbers, bit for bit", (type) => {
  const { bytes, numbers } = vectors[type]!;
  const expected = new Float32Array(Uint8Array.fromBase64(numbers).buffer);
  const stored = Uint8Array.fromBase64(bytes);
  expect(stored.length).toBe(bytesOf(type, [expected.length]));
  const found = new Float32Array(expected.length);
  ELEMENT_TYPES[type]!.decode!(stored, found);
  expect(found).toEqual(expected);
});
