import process from "node:process";
import { securityReport } from "../segment/security.ts";
import { profileFor } from "../segment/profileFor.ts";
import { planSampler } from "../session/planSession.ts";
import { loadModelFiles } from "./loadModelFiles.ts";
import { parseSecurity } from "./options.ts";

/** `starkstream security`: the table of every round's provable bits. */
export async function security(args: readonly string[]): Promise<number> {
  const options = parseSecurity(args);
  const { model } = await loadModelFiles(options);
  const report = securityReport({
    profile: profileFor(model),
    description: model,
    logSegment: Math.log2(options.segment),
    sampler: options.sampling && planSampler(model, options.sampling),
  });
  process.stdout.write(
    options.json ? `${JSON.stringify({ type: "security", bits: report.bits })}\n` : `${report.text}\n`,
  );
  return 0;
}
