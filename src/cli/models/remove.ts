import process from "node:process";
import { expected } from "../../session/inputError.ts";
import { parseModelName } from "../options.ts";
import { ModelStore } from "./modelStore.ts";

/** `starkstream models remove`: takes a model and all that was made of it out of the store. */
export async function remove(args: readonly string[]): Promise<number> {
  const name = parseModelName("models remove", args);
  const store = ModelStore.ofUser();
  if (!(await store.find(name)))
    throw expected("models remove", "a model in the store", JSON.stringify(name));
  await store.remove(name);
  process.stderr.write(`removed ${name}\n`);
  return 0;
}
