/** The part of Bun's, Deno's and Node's `process` that is needed here. */
interface Process {
  readonly platform: string;
  getBuiltinModule?(name: "node:os"): Pick<typeof import("node:os"), "getPriority" | "setPriority">;
}

interface Permissions {
  query(permission: { name: "sys" }): Promise<{ readonly state: string }>;
}

/** Beside a thread that is busy, about a tenth of the time; 19 is the lowest priority there is. */
const NICER = 10;
const NICEST = 19;

/**
 * This thread, and those that it starts from now on, yield to all others: they get about the processor time that
 * is left. Only where threads have priorities of their own, which is Linux, and where a program may set them
 * (Deno: `--allow-sys`); elsewhere nothing happens.
 */
export async function lowerPriority(): Promise<void> {
  const { process, Deno } = globalThis as {
    readonly process?: Process;
    readonly Deno?: { readonly permissions: Permissions };
  };
  if (process?.platform !== "linux") return;
  const permission = await Deno?.permissions.query({ name: "sys" });
  if (permission && permission.state !== "granted") return;
  const os = process.getBuiltinModule?.("node:os");
  os?.setPriority(0, Math.min(os.getPriority(0) + NICER, NICEST));
}
