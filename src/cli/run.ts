import process from "node:process";
import type { Tokenizer } from "../model/tokenizer.ts";
import { nodeFileSystem } from "../session/adapters/nodeFileSystem.ts";
import type { DoneEvent, FoldRunEvent, SegmentEvent, SessionEvent, StartEvent } from "../session/events.ts";
import { Folding } from "../session/folding.ts";
import { expected } from "../session/inputError.ts";
import { runSession } from "../session/runSession.ts";
import { SessionWriter } from "../session/store.ts";
import { samplerLine } from "./samplerLine.ts";
import { samplerPins } from "./samplerPins.ts";
import { eventLine } from "./eventLine.ts";
import { FoldView } from "./foldView.ts";
import { keptProver } from "./keptProver.ts";
import { loadModelFiles } from "./loadModelFiles.ts";
import { parseRun } from "./options.ts";
import { kib, Progress, segmentLine, seconds } from "./progress.ts";

/** `starkstream run`: decodes, proves, keeps the proofs where `--out` says, and folds them there meanwhile. */
export async function run(args: readonly string[]): Promise<number> {
  const options = parseRun(args);
  const begun = performance.now();
  const { tokens, segment, sampling, out, final, places, json } = options;
  // before any work is done
  const writer = out === undefined ? undefined : await SessionWriter.open(nodeFileSystem, out);
  const view = json ? new JsonView() : new TextView(out, final, begun);
  const { model, tokenizer, commitment } = await loading(view, loadModelFiles(options));
  const prompt = options.chat ? asChat(options.prompt, tokenizer) : options.prompt;
  const openProver = keptProver(commitment);
  const events = runSession({ model, tokenizer, prompt, tokens, segment, sampling, openProver });
  view.waiting(openProver ? "reading the commitment …" : "committing to the weights …");
  let folding: Folding | undefined;
  try {
    for await (const event of events) {
      if (event.type === "start") {
        await writer?.begin(event.session, event.modelId);
        if (final && out !== undefined)
          folding = await Folding.start(
            { fs: nodeFileSystem, directory: out, session: event.session, places },
            (step) => view.fold(step),
          );
      }
      if (event.type === "segment") {
        await writer?.segment(event.index, event.proof);
        folding?.add(event.index);
      }
      if (event.type === "done") await writer?.finish(event.segments);
      view.show(event);
    }
  } catch (error) {
    await folding?.cancel();
    view.broken();
    throw error;
  }
  try {
    await folding?.finish();
  } catch (error) {
    view.foldBroken();
    throw error;
  }
  return 0;
}

/** The prompt for a conversation that begins with what a user says. */
function asChat(content: string, tokenizer: Tokenizer): string {
  if (!tokenizer.chat) throw expected("--chat", "a model with a chat template", "one without");
  return tokenizer.chat([{ role: "user", content }]);
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
  fold(event: FoldRunEvent): void;
  /** The run broke off; its error follows. */
  broken(): void;
  /** Folding broke off, the run did not. */
  foldBroken(): void;
}

/** One event per line on stdout. */
class JsonView implements View {
  waiting(): void {}
  broken(): void {}
  foldBroken(): void {}

  show(event: SessionEvent): void {
    process.stdout.write(eventLine(event));
  }

  fold(event: FoldRunEvent): void {
    process.stdout.write(eventLine(event));
  }
}

/** The text on stdout, progress and the summary on stderr. */
class TextView implements View {
  readonly #progress = new Progress(process.stderr);
  readonly #fold: FoldView | undefined;
  readonly #segments: Omit<SegmentEvent, "proof">[] = [];
  #start: StartEvent | undefined;

  constructor(
    readonly out: string | undefined,
    final: boolean,
    readonly begun: number,
  ) {
    if (final && out !== undefined) this.#fold = new FoldView(this.#progress, out);
  }

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
      const { proof: _, ...line } = event; // long runs have many
      this.#segments.push(line);
      this.#progress.segment(event);
    } else {
      process.stdout.write("\n");
      process.stderr.write(this.#summary(event));
      this.#fold?.all(event.segments);
      return;
    }
    this.#progress.show();
  }

  fold(event: FoldRunEvent): void {
    this.#fold?.show(event);
  }

  foldBroken(): void {
    this.#fold?.broken();
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
    const sampler = this.#start?.session.sampler;
    const lines = [
      "",
      ...(process.stderr.isTTY ? this.#segments.map(segmentLine) : []),
      `tokens      ${prompt} prompt, ${done.tokens} generated, all proven`,
      `segments    ${done.segments}, proofs ${kib(proofs)} in all`,
      `time        ${seconds(whole)}, of which the prover ${seconds(proving)}`,
      `security    ${done.security} bits, provable (starkstream security shows every round)`,
      ...(sampler ? [`sampler     ${samplerLine(sampler)}`] : []),
      `model id    ${done.modelId}`,
      this.out === undefined
        ? "proofs      not kept: --out DIR keeps them"
        : `verify      starkstream verify ${this.out} --model-id ${done.modelId}${sampler ? ` ${samplerPins(sampler)}` : ""}`,
    ];
    return `${lines.join("\n")}\n`;
  }
}
