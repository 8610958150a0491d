import process from "node:process";
import { nodeFileSystem } from "../session/adapters/nodeFileSystem.ts";
import type { DoneEvent, SegmentEvent, SessionEvent, StartEvent } from "../session/events.ts";
import type { Session } from "../segment/statement.ts";
import { runSession } from "../session/runSession.ts";
import { SessionWriter } from "../session/store.ts";
import { eventLine } from "./eventLine.ts";
import { foldSegments } from "./foldSegments.ts";
import { loadModelFiles } from "./loadModelFiles.ts";
import { parseRun } from "./options.ts";
import { kib, Progress, segmentLine, seconds } from "./progress.ts";

/** `starkstream run`: decodes, proves, keeps the proofs where `--out` says, and folds them there. */
export async function run(args: readonly string[]): Promise<number> {
  const options = parseRun(args);
  const begun = performance.now();
  const { prompt, tokens, segment, out, final, json } = options;
  // before any work is done
  const writer = out === undefined ? undefined : await SessionWriter.open(nodeFileSystem, out);
  const view = json ? new JsonView() : new TextView(out, begun);
  const { model, tokenizer } = await loading(view, loadModelFiles(options));
  const events = runSession({ model, tokenizer, prompt, tokens, segment });
  view.waiting("committing to the weights …");
  let session: Session | undefined;
  const proofs: Uint8Array[] = [];
  try {
    for await (const event of events) {
      if (event.type === "start") {
        session = event.session;
        await writer?.begin(session, event.modelId);
      }
      if (event.type === "segment") {
        if (final) proofs.push(event.proof);
        await writer?.segment(event.index, event.proof);
      }
      if (event.type === "done") await writer?.finish(event.segments);
      view.show(event);
    }
  } catch (error) {
    view.broken();
    throw error;
  }
  // only now: the segments' prover has ended, and its memory is free
  if (final && out !== undefined && session) await foldSegments({ directory: out, session, proofs, json });
  return 0;
}

/** Shows that something is going on until the model is there: a checkpoint takes a while to quantize. */
async function loading<T>(view: View, model: Promise<T>): Promise<T> {
  view.waiting("loading the model …");
  try {
    return await model;
  } finally {
    view.waiting("");
  }
}

interface View {
  /** Says what is done before the first event; nothing, when it is over. */
  waiting(text: string): void;
  show(event: SessionEvent): void;
  /** The run broke off; its error follows. */
  broken(): void;
}

/** One event per line on stdout. */
class JsonView implements View {
  waiting(): void {}
  broken(): void {}

  show(event: SessionEvent): void {
    process.stdout.write(eventLine(event));
  }
}

/** The text on stdout, progress and the summary on stderr. */
class TextView implements View {
  readonly #progress = new Progress(process.stderr);
  readonly #segments: SegmentEvent[] = [];
  #start: StartEvent | undefined;

  constructor(
    readonly out: string | undefined,
    readonly begun: number,
  ) {}

  waiting(text: string): void {
    this.#progress.waiting(text);
  }

  show(event: SessionEvent): void {
    this.#progress.erase();
    if (event.type === "start") {
      this.#start = event;
      this.#progress.start(event);
      process.stdout.write(event.promptText);
    } else if (event.type === "token") {
      process.stdout.write(event.text);
      this.#progress.token();
    } else if (event.type === "segment") {
      this.#segments.push(event);
      this.#progress.segment(event);
    } else {
      process.stdout.write("\n");
      process.stderr.write(this.#summary(event));
      return;
    }
    this.#progress.show();
  }

  broken(): void {
    this.#progress.erase();
    if (this.#start) process.stdout.write("\n");
    const count = this.#segments.length;
    if (this.out !== undefined && count > 0)
      process.stderr.write(`the first ${count} segments are proven; they are in ${this.out} and verify\n`);
  }

  #summary(done: DoneEvent): string {
    const proofs = this.#segments.reduce((sum, { proofBytes }) => sum + proofBytes, 0);
    const proving = this.#segments.reduce((sum, { proveMs }) => sum + proveMs, 0);
    const prompt = this.#start?.promptTokens.length ?? 0;
    const whole = performance.now() - this.begun;
    const lines = [
      "",
      ...(process.stderr.isTTY ? this.#segments.map(segmentLine) : []),
      `tokens      ${prompt} prompt, ${done.tokens} generated, all proven`,
      `segments    ${done.segments}, proofs ${kib(proofs)} in all`,
      `time        ${seconds(whole)}, of which the prover ${seconds(proving)}`,
      `security    ${done.security} bits, provable (starkstream security shows every round)`,
      `model id    ${done.modelId}`,
      this.out === undefined
        ? "proofs      not kept: --out DIR keeps them"
        : `verify      starkstream verify ${this.out} --model-id ${done.modelId}`,
    ];
    return `${lines.join("\n")}\n`;
  }
}
