import process from "node:process";
import { parseNothing } from "../options.ts";
import { ModelStore } from "./modelStore.ts";
import { mib } from "./transferLine.ts";

/** `starkstream models list`: what is in the store, a line each. */
export async function list(args: readonly string[]): Promise<number> {
  parseNothing("models list", args);
  const store = ModelStore.ofUser();
  const found = await store.list();
  for (const { name, format, bytes, licence, quantized, commitments } of found) {
    const integer = quantized.length > 0 ? `, quantized for ${quantized.join(", ")} positions` : "";
    const kept = commitments
      .map(({ capacity, bytes }) => `, committed for ${capacity} (${mib(bytes)})`)
      .join("");
    process.stdout.write(`${name}: ${format}, ${mib(bytes)}, licence ${licence}${integer}${kept}\n`);
  }
  if (found.length === 0) process.stderr.write(`no models in ${store.directory}\n`);
  return 0;
}
