import process from "node:process";
import { availableThreads, createKernels } from "../../kernels/createKernels.ts";
import { type Bound, checkBounds } from "../../model/checkBounds.ts";
import type { IntegerModel } from "../../model/integerModel.ts";
import { commitFixed, FIXED } from "../../segment/commitFixed.ts";
import { profileFor } from "../../segment/profileFor.ts";
import { segmentProtocol } from "../../segment/protocol.ts";
import { commitmentOf } from "../../segment/provingKey.ts";
import { modelIdOf } from "../../segment/verify.ts";
import { hexOfWords } from "../../session/hex.ts";
import { DEFAULT_REQUEST, DEFAULT_SAMPLING, planSampler } from "../../session/planSession.ts";
import { createWhirProver, maxLogDomain } from "../../whir/commit.ts";
import { commitmentPieces } from "../../whir/commitmentFile.ts";
import type { OracleShape } from "../../whir/shape.ts";
import { loadModelFiles } from "../loadModelFiles.ts";
import { parseCommit } from "../options.ts";
import { ModelStore } from "./modelStore.ts";
import { mib } from "./transferLine.ts";
import { writePieces } from "./writePieces.ts";

/**
 * `starkstream models commit`: computes a model's id from its weights, says how far its sums are from their limits, and
 * keeps the commitment of a model in the store, so that a prover need not make it again.
 */
export async function commit(args: readonly string[]): Promise<number> {
  const options = parseCommit(args);
  const begun = performance.now();
  const { model, stored } = await loadModelFiles(options);
  const loaded = performance.now();
  const profile = profileFor(model);
  // the same whatever T is
  const { segment } = DEFAULT_REQUEST;
  const protocol = segmentProtocol(profile, model, Math.log2(Math.min(segment, model.config.capacity)));
  const kernels = createKernels({ threads: availableThreads() });
  const sent = commitFixed(createWhirProver(kernels, maxLogDomain(protocol.opening)), model, protocol);
  const committed = performance.now();
  const shape = protocol.opening.oracles[FIXED] as OracleShape;
  const path = stored && ModelStore.ofUser().commitmentPath(stored, model.config.capacity);
  const bytes = path === undefined ? 0 : await writePieces(path, commitmentPieces(shape, sent));
  kernels.close();

  const named = { profile, description: model, fixed: commitmentOf(sent) };
  const sampler = planSampler(model, { temperature: 1, ...DEFAULT_SAMPLING });
  const report: Report = {
    modelId: modelIdOf(named),
    sampledId: modelIdOf({ ...named, sampler }),
    root: hexOfWords(sent.committed.root),
    cells: protocol.layouts[FIXED].cells,
    bytes,
    seconds: {
      load: (loaded - begun) / 1000,
      commit: (committed - loaded) / 1000,
      keep: (performance.now() - committed) / 1000,
    },
    bounds: largestBounds(model),
  };
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : text(report));
  return 0;
}

interface Report {
  /** Of greedy text. */
  readonly modelId: string;
  /** Of sampled text. */
  readonly sampledId: string;
  readonly root: string;
  /** Committed weights and tables. */
  readonly cells: number;
  /** Of the commitment that is kept; 0 if none is. */
  readonly bytes: number;
  readonly seconds: Readonly<Record<"load" | "commit" | "keep", number>>;
  readonly bounds: readonly Bound[];
}

/** Of every bound the layer that comes closest. */
function largestBounds(model: IntegerModel): Bound[] {
  const largest = new Map<string, Bound>();
  for (const bound of checkBounds(model)) {
    const other = largest.get(bound.what);
    if (!other || bound.found > other.found) largest.set(bound.what, bound);
  }
  return [...largest.values()];
}

function text({ modelId, sampledId, root, cells, bytes, seconds, bounds }: Report): string {
  const { load, commit, keep } = seconds;
  const lines = [
    `model id    ${modelId}`,
    `if sampled  ${sampledId}`,
    `root        ${root}`,
    `weights     ${cells} cells with all tables`,
    bytes > 0 ? `kept        ${mib(bytes)}` : "kept        no: the model is not in the store",
    `time        load ${load.toFixed(1)} s, commit ${commit.toFixed(1)} s, keep ${keep.toFixed(1)} s`,
    "",
    "the largest that each sum can become, whatever the text, and its limit:",
    ...bounds.map(({ what, layer, found, limit }) => {
      const where = layer < 0 ? "" : `  layer ${layer}`;
      const share = `${((100 * found) / limit).toFixed(1)} %`;
      return `  ${what.padEnd(16)}${String(Math.ceil(found)).padStart(11)} of ${String(limit).padStart(10)}${share.padStart(8)}${where}`;
    }),
  ];
  return `${lines.join("\n")}\n`;
}
