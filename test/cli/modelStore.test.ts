import { afterAll, expect, test } from "bun:test";
import { ModelStore } from "../../src/cli/models/modelStore.ts";
import { vectorPath } from "../model/formats/vectorFolder.ts";
import { scratchDirectory } from "./cli.ts";

const { path, remove } = scratchDirectory();
afterAll(remove);

test("files beside a model whose names say no capacity, or not as it is written, are none of its", async () => {
  const store = new ModelStore(path(""));
  const source = vectorPath("smollm/model.gguf");
  await store.add({ name: "small", source, licence: "none", move: false });
  for (const capacity of ["64", "064", "0", "1e3", "9999999", "64.stkc", ""]) {
    await Bun.write(store.commitmentPath("small", 64).replace("64", capacity), "kept");
    await Bun.write(store.quantizedPath("small", 64).replace("64", capacity), "made");
  }
  expect(await store.find("small")).toMatchObject({
    quantized: [64],
    commitments: [{ capacity: 64, bytes: 4 }],
  });
});
