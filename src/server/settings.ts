import { openWorkerFold } from "../session/workerFold.ts";
import { openWorkerProver } from "../session/workerProver.ts";
import { DEFAULT_PROFILE, FOLD_PROFILE } from "../whir/profile.ts";
import type { ServerOptions, Settings } from "./options.ts";

export function settingsOf(options: ServerOptions): Settings {
  const { capacity } = options.model.config;
  return {
    name: "starkstream",
    maxSessions: 16,
    maxSessionsPerClient: 8,
    maxProvers: 2,
    fold: false,
    maxFolding: 64,
    maxSockets: 1024,
    maxSocketsPerClient: 256,
    maxTokens: capacity,
    // the tokenizer's time grows with the square of a prompt
    maxPrompt: Math.min(4096, 8 * capacity),
    maxLead: 64,
    lingerMs: 60_000,
    patienceMs: 60_000,
    corsOrigins: [],
    log: () => {},
    profile: DEFAULT_PROFILE,
    foldProfile: FOLD_PROFILE,
    openProver: openWorkerProver,
    openFold: openWorkerFold,
    ...withoutUndefined(options),
  };
}

function withoutUndefined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
