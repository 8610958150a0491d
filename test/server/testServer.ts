import { type Listening, serveBun } from "../../src/server/mod.ts";
import { createServer } from "../../src/server/createServer.ts";
import type { Database } from "../../src/server/adapters/database.ts";
import { nodeDatabase } from "../../src/server/adapters/nodeDatabase.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { openInlineProver } from "../../src/session/inlineProver.ts";
import { tinyModel } from "../model/tinyModel.ts";
import { MemoryFileSystem } from "../session/memoryFileSystem.ts";
import { tinyTokenizer } from "../session/tinyTokenizer.ts";
import { testProfile } from "../soundness/testProfile.ts";

export const PROMPT = "abca";
/** BOS, space, a, b, c, a */
export const PROMPT_LENGTH = 6;

export interface TestServer extends Listening {
  readonly socket: string;
  readonly files: MemoryFileSystem;
  readonly database: Database;
}

/** A server of a tiny model over a real socket, proving in this thread; its disk is a map, its database in memory. */
export function testServer({
  port = 0,
  ...options
}: Partial<ServerOptions> & { port?: number } = {}): TestServer {
  const files = (options.files as MemoryFileSystem | undefined) ?? new MemoryFileSystem();
  const { database = nodeDatabase(":memory:") } = options;
  const server = createServer({
    model: tinyModel({ capacity: 64 }),
    tokenizer: tinyTokenizer(),
    name: "tiny",
    directory: "sessions",
    profile: testProfile,
    foldProfile: testProfile,
    openProver: openInlineProver,
    ...options,
    database,
    files,
  });
  const listening = serveBun(server, { port });
  return { ...listening, files, database, socket: `${listening.url.replace("http", "ws")}ws` };
}
