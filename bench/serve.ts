/**
 * The server's figures: how long clients wait, with 1, 4 and 16 sessions, and what hostile clients cost.
 * `bun bench/serve.ts [--tokens 44] [--segment 16] [--fold]`, after which a single session is folded, too.
 * The server is a process of its own; its clients, all in this one, verify what they read.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ClientSession } from "../src/client/mod.ts";
import { encodeClientMessage } from "../src/client/wire/clientMessage.ts";
import { MAX_CLIENT_FRAME, type ServerMessage, SUBPROTOCOL } from "../src/client/wire/messages.ts";
import { decodeServerMessage } from "../src/client/wire/serverMessage.ts";

const { values } = parseArgs({
  options: {
    tokens: { type: "string", default: "44" },
    segment: { type: "string", default: "16" },
    fold: { type: "boolean", default: false },
  },
});
const request = {
  prompt: "Once upon a time",
  maxTokens: Number(values.tokens),
  segment: Number(values.segment),
};

const scratch = await mkdtemp(join(tmpdir(), "starkstream-bench-"));
const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const limits = ["--max-sessions", "24", "--max-per-client", "24"];
const child = Bun.spawn(
  [process.execPath, main, "serve", "--port", "0", "--data", scratch, "--fold", ...limits],
  { stdout: "pipe", stderr: "ignore" },
);
try {
  const { value } = await child.stdout.getReader().read();
  const url = /listening on (\S+)/.exec(new TextDecoder().decode(value))?.[1];
  if (!url) throw new Error("bench: expected a server, found none");
  const socket = `${url.replace("http", "ws")}ws`;
  await waits(socket);
  await hostile(socket);
  if (values.fold) await final(socket);
} finally {
  child.kill();
  await child.exited;
  await rm(scratch, { recursive: true, force: true });
}

/** Milliseconds from the request on. */
interface Waited {
  readonly firstToken: number;
  /** From each segment's last token to its verified proof. */
  readonly proofs: readonly number[];
  readonly tokens: number;
}

async function session(socket: string): Promise<Waited> {
  const begun = performance.now();
  const arrived: number[] = [];
  const proofs: number[] = [];
  let promptLength = 0;
  const reading = new ClientSession(socket, request, { timeoutMs: 60_000 });
  for await (const event of reading) {
    const now = performance.now() - begun;
    if (event.type === "started") promptLength = event.promptTokens.length;
    if (event.type === "token") arrived.push(now);
    if (event.type === "segment") {
      const last = event.statement.boundaryOut.position - promptLength;
      proofs.push(now - (arrived[last] ?? arrived.at(-1) ?? now));
    }
  }
  return { firstToken: arrived[0] ?? 0, proofs, tokens: arrived.length };
}

async function waits(socket: string): Promise<void> {
  await session(socket); // commits to the weights
  row("sessions", "first token", "last token of a segment → proof", "tokens/s", "server MiB");
  for (const count of [1, 4, 16]) {
    const begun = performance.now();
    const all = await Promise.all(Array.from({ length: count }, () => session(socket)));
    const seconds = (performance.now() - begun) / 1000;
    const tokens = all.reduce((sum, { tokens }) => sum + tokens, 0);
    row(
      `${count}`,
      `${median(all.map(({ firstToken }) => firstToken))} ms`,
      `${median(all.flatMap(({ proofs }) => proofs))} ms`,
      (tokens / seconds).toFixed(1),
      serverMib(),
    );
  }
}

async function final(socket: string): Promise<void> {
  let proven = 0;
  let lastToken = 0;
  const reading = new ClientSession(socket, { ...request, final: true }, { timeoutMs: 60_000 });
  for await (const event of reading) {
    if (event.type === "token") lastToken = performance.now();
    if (event.type === "done") proven = performance.now();
    if (event.type !== "final") continue;
    const since = (at: number) => `${((performance.now() - at) / 1000).toFixed(1)} s`;
    console.log(
      `final proof of ${reading.proofs.length} segments: ${since(lastToken)} after the last token, ${since(proven)} after its proof; ${event.proof.length} bytes, verified in ${event.verifyMs.toFixed(0)} ms; server ${serverMib()} MiB`,
    );
  }
}

/** Clients that do what they should not, while one honest session runs beside them. */
async function hostile(socket: string): Promise<void> {
  const start = { type: "start", ...request, final: false } as const;
  const scenarios: Record<string, () => Promise<Raw[]>> = {
    "200 idle sockets": () => many(200, () => {}),
    "16 that read nothing (1 byte of credit)": () =>
      many(16, (raw) => raw.send(encodeClientMessage({ ...start, credit: 1 }))),
    "16 that never ack (8 MiB of credit)": () =>
      many(16, (raw) => raw.send(encodeClientMessage({ ...start, credit: 2 ** 23 }))),
    "50 floods of 10,000 frames": () =>
      many(50, (raw) => {
        for (let i = 0; i < 10_000; i++) raw.send(encodeClientMessage({ type: "ack", credit: 1 }));
      }),
    "50 oversize frames": () => many(50, (raw) => raw.send(new Uint8Array(MAX_CLIENT_FRAME + 1))),
    "50 malformed frames": () => many(50, (raw) => raw.send(new Uint8Array(1000).fill(0xdd))),
  };
  async function many(count: number, act: (raw: Raw) => void): Promise<Raw[]> {
    const all = await Promise.all(Array.from({ length: count }, () => Raw.open(socket)));
    for (const raw of all) act(raw);
    return all;
  }
  row("beside an honest session", "its answer", "their codes", "server MiB");
  for (const [name, act] of Object.entries(scenarios)) {
    const others = await act();
    const begun = performance.now();
    await session(socket);
    const took = performance.now() - begun;
    const codes = new Map<string, number>();
    for (const raw of others) codes.set(raw.outcome, (codes.get(raw.outcome) ?? 0) + 1);
    const shown = [...codes].map(([code, count]) => `${count} ${code}`).join(", ");
    row(name, `${(took / 1000).toFixed(1)} s`, shown, serverMib());
    for (const raw of others) raw.cancel();
    await Bun.sleep(500);
  }
}

/** A socket of one's own, which only counts what it gets. */
class Raw {
  outcome = "open";

  private constructor(readonly socket: WebSocket) {
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      const message: ServerMessage = decodeServerMessage(new Uint8Array(data));
      if (message.type === "error") this.outcome = message.code;
      if (message.type === "done") this.outcome = "done";
    };
    socket.onclose = ({ code }) => {
      if (this.outcome === "open") this.outcome = `closed ${code}`;
    };
  }

  static async open(url: string): Promise<Raw> {
    const raw = new Raw(new WebSocket(url, [SUBPROTOCOL]));
    await new Promise((resolve) => {
      raw.socket.onopen = resolve;
      raw.socket.onerror = resolve;
    });
    return raw;
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(frame);
  }

  cancel(): void {
    this.send(encodeClientMessage({ type: "cancel" }));
    this.socket.close();
  }
}

/** Resident now; where /proc is missing, nothing. */
function serverMib(): string {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024).toFixed(0);
  } catch {
    return "–";
  }
}

function median(numbers: readonly number[]): string {
  return ([...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0).toFixed(0);
}

function row(...cells: readonly string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}
