/**
 * A server in a program of one's own, under Bun: `bun examples/bunServer.ts`.
 * Another project imports "starkstream", "starkstream/server" and "starkstream/node" instead.
 */
import { embeddedModel } from "../mod.ts";
import { createServer, nodeDatabase, serveBun } from "../src/server/mod.ts";
import { nodeFileSystem } from "../src/session/adapters/nodeFileSystem.ts";

const { model, tokenizer } = await embeddedModel();
await nodeFileSystem.makeDirectory("sessions");
const server = createServer({
  model,
  tokenizer,
  name: "stories",
  database: nodeDatabase("sessions/sessions.db"),
  files: nodeFileSystem,
  directory: "sessions",
});
const listening = serveBun(server, { port: Number(process.env.PORT ?? 8080) });
console.log(`listening on ${listening.url}`);

process.on("SIGINT", async () => {
  await listening.close(); // the segments in hand are finished and kept
  process.exit(0);
});
