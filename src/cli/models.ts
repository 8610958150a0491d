import { InputError } from "../session/inputError.ts";

/** `starkstream models …`: the models on this machine. */
export async function models(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === "pull") return (await import("./models/pull.ts")).pull(rest);
  if (command === "add") return (await import("./models/add.ts")).add(rest);
  if (command === "list") return (await import("./models/list.ts")).list(rest);
  if (command === "inspect") return (await import("./models/inspect.ts")).inspect(rest);
  if (command === "quantize") return (await import("./models/quantize.ts")).quantize(rest);
  if (command === "commit") return (await import("./models/commit.ts")).commit(rest);
  if (command === "remove") return (await import("./models/remove.ts")).remove(rest);
  throw new InputError(
    `models: expected pull, add, list, inspect, quantize, commit or remove, found ${JSON.stringify(command ?? "nothing")}`,
  );
}
