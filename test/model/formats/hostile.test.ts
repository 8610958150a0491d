import { describe, expect, test } from "bun:test";
import { readGgufCheckpoint } from "../../../src/model/formats/ggufCheckpoint.ts";
import { readHubCheckpoint } from "../../../src/model/formats/hubCheckpoint.ts";
import { bytesAccess } from "../../../src/model/formats/randomAccess.ts";
import { addSafetensors } from "../../../src/model/formats/safetensors.ts";
import { TensorSet } from "../../../src/model/formats/tensorSet.ts";
import { randomNumbers } from "../tinyModel.ts";
import { vectorBytes, vectorFolder } from "./vectorFolder.ts";

const MUTATIONS = 5000;
const name = "smollm";

/** Changes, inserts, removes or copies a few bytes of the first `header`, or cuts the file. */
function mutate(bytes: Uint8Array, header: number, random: () => number): Uint8Array {
  const at = () => Math.floor(random() * header);
  let changed = bytes.slice();
  for (let i = 0; i <= Math.floor(random() * 3); i++) {
    const kind = Math.floor(random() * 6);
    if (kind === 0) changed[at()] = Math.floor(random() * 256);
    else if (kind === 1) changed[at()]! ^= 1 << Math.floor(random() * 8);
    else if (kind === 2) changed.fill(random() < 0.5 ? 255 : 0, at(), at());
    else if (kind === 3) changed.copyWithin(at(), at(), at());
    else if (kind === 4) changed = Uint8Array.from([...changed.subarray(0, at()), ...changed.subarray(at())]);
    else changed = changed.slice(0, Math.floor(random() * changed.length));
    if (changed.length === 0) break;
  }
  return changed;
}

/** The outcome of each attempt; anything but an error that says something fails. */
async function attempts(load: (random: () => number) => Promise<unknown>) {
  const random = randomNumbers(11);
  const count = { loaded: 0, refused: 0 };
  for (let i = 0; i < MUTATIONS; i++) {
    try {
      await load(random);
      count.loaded++;
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).not.toMatch(/out of memory|Invalid array length|undefined is not/i);
      expect((error as Error).message.length).toBeGreaterThan(10);
      count.refused++;
    }
  }
  return count;
}

describe("mutated headers are loaded or refused", () => {
  test("GGUF", async () => {
    const bytes = vectorBytes(`${name}/model.gguf`);
    const { refused } = await attempts((random) =>
      readGgufCheckpoint(bytesAccess("m.gguf", mutate(bytes, 3000, random))),
    );
    expect(refused).toBeGreaterThan(MUTATIONS / 2);
  }, 120_000);

  test("safetensors and config.json", async () => {
    const weights = vectorBytes(`${name}/model.safetensors`);
    const config = vectorBytes(`${name}/config.json`);
    const { refused } = await attempts((random) => {
      const changed: Record<string, Uint8Array> =
        random() < 0.7
          ? { "model.safetensors": mutate(weights, 2600, random) }
          : { "config.json": mutate(config, config.length, random) };
      return readHubCheckpoint(vectorFolder(name, changed));
    });
    expect(refused).toBeGreaterThan(MUTATIONS / 2);
  }, 120_000);
});

describe("safetensors", () => {
  const file = (header: unknown, data = 64) => {
    const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
    const bytes = new Uint8Array(8 + text.length + data);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    return bytesAccess("f", bytes);
  };
  const tensor = (dtype: string, shape: number[], start: number, end: number) => ({
    dtype,
    shape,
    data_offsets: [start, end],
  });

  test.each([
    [
      "too long a header",
      bytesAccess("f", new Uint8Array(8).fill(255)),
      "f: expected a header of at most 0 bytes",
    ],
    [
      "no header",
      bytesAccess("f", new Uint8Array(3)),
      "f: expected a header length of 8 bytes, found 3 bytes",
    ],
    ["no JSON", file("{"), "f: expected a header in JSON"],
    ["a list", file([]), "f: expected an object"],
    ["bytes that nothing owns", file({ a: tensor("F32", [8], 0, 32) }), "bytes, as the header says"],
    [
      "overlap",
      file({ a: tensor("F32", [8], 0, 32), b: tensor("F32", [8], 16, 48) }),
      "tensor b: expected to begin after a",
    ],
    [
      "bytes beyond the end",
      file({ a: tensor("F32", [16], 32, 96), b: tensor("F32", [0], 0, 0) }),
      "tensor a: expected offsets in",
    ],
    [
      "a size that the shape denies",
      file({ a: tensor("F32", [8], 0, 64) }),
      "tensor a: expected 32 bytes, as type and shape say, found 64",
    ],
    [
      "an unknown type",
      file({ a: tensor("F31", [16], 0, 64) }),
      "tensor a: expected a known type, found F31",
    ],
    [
      "a type that no object should have",
      file({ a: tensor("toString", [16], 0, 64) }),
      "expected a known type",
    ],
    [
      "a negative size",
      file({ a: tensor("F32", [-4, -4], 0, 64) }),
      "tensor a: expected sizes to be integers, found -4",
    ],
    [
      "a fraction",
      file({ a: tensor("F32", [1.5], 0, 64) }),
      "tensor a: expected sizes to be integers, found 1.5",
    ],
    ["too many numbers", file({ a: tensor("U8", [2 ** 30, 2 ** 30], 0, 64) }), "tensor a: expected at most"],
    ["no offsets", file({ a: { dtype: "F32", shape: [16] } }), "tensor a to have two data_offsets"],
  ])("with %s is refused", async (_, access, message) => {
    await expect(addSafetensors(new TensorSet(), access)).rejects.toThrow(message);
  });
});

describe("a checkpoint", () => {
  test("without a tensor, or with one of another shape, says which", async () => {
    const config = JSON.parse(new TextDecoder().decode(vectorBytes(`${name}/config.json`)));
    const load = (changed: object) =>
      readHubCheckpoint(
        vectorFolder(name, {
          "config.json": new TextEncoder().encode(JSON.stringify({ ...config, ...changed })),
        }),
      );
    await expect(load({ num_hidden_layers: 3 })).rejects.toThrow(
      "expected a tensor model.layers.2.input_layernorm.weight, found none",
    );
    await expect(load({ intermediate_size: 64 })).rejects.toThrow(
      "tensor model.layers.0.mlp.gate_proj.weight: expected the shape [64,32], found [40,32]",
    );
    await expect(load({ tie_word_embeddings: false })).rejects.toThrow("expected a tensor lm_head.weight");
    await expect(load({ vocab_size: 1e30 })).rejects.toThrow("expected vocab to be an integer in");
    await expect(load({ model_type: "mamba" })).rejects.toThrow("expected llama, qwen2 or gpt2, found mamba");
    await expect(load({ rope_parameters: { rope_theta: -1 } })).rejects.toThrow("rope_theta");
  });

  test("with a number that is none says where", async () => {
    const bytes = vectorBytes("gpt2/model.safetensors");
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, Number.NaN, true);
    await expect(readHubCheckpoint(vectorFolder("gpt2", { "model.safetensors": bytes }))).rejects.toThrow(
      /tensor .*: expected finite numbers, found NaN at index/,
    );
  });

  test("in files that leave their folder is refused", async () => {
    const index = new TextEncoder().encode(JSON.stringify({ weight_map: { a: "../x.safetensors" } }));
    await expect(
      readHubCheckpoint(vectorFolder("llama3", { "model.safetensors.index.json": index })),
    ).rejects.toThrow("expected names of safetensors files, found ../x.safetensors");
  });
});
