/** The part of Bun's, Deno's and Node's `process` that is needed here. */
interface Process {
  readonly platform: string;
  getBuiltinModule?(name: "node:os"): Pick<typeof import("node:os"), "constants" | "setPriority">;
}

interface Permissions {
  query(permission: { name: "sys"; kind: "setPriority" }): Promise<{ readonly state: string }>;
}

/**
 * This thread, and those that it starts, yield to all others from now on: they get the processor time that is
 * left over. Only where threads have priorities of their own, which is Linux, and where a program may set them
 * (Deno: `--allow-sys=setPriority`); elsewhere nothing happens.
 */
export async function lowerPriority(): Promise<void> {
  const { process, Deno } = globalThis as {
    readonly process?: Process;
    readonly Deno?: { readonly permissions: Permissions };
  };
  if (process?.platform !== "linux") return;
  const permission = await Deno?.permissions.query({ name: "sys", kind: "setPriority" });
  if (permission && permission.state !== "granted") return;
  const os = process.getBuiltinModule?.("node:os");
  os?.setPriority(0, os.constants.priority.PRIORITY_LOW);
}
