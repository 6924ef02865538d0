// The first file that runs in a Node.js function's process:  node index.mjs HANDLER [OPT]

import fs from "node:fs";
import module from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import * as api from "./api.mjs";
import { Runtime, show } from "./errors.mjs";
import { load, manner } from "./handler.mjs";
import { current, serve } from "./invocation.mjs";
import { logError, patchConsole } from "./logs.mjs";

const DEPRECATED =
  "AWS Lambda plans to remove support for callback-based function handlers starting with Node.js 24. You will need to " +
  "update this function to use an async handler to use Node.js 24 or later.";
const REMOVED =
  "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to " +
  "modify this function to use a supported handler signature to use Node.js 24 or later. For more information see " +
  "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";

const real = (folder) => (fs.existsSync(folder) ? fs.realpathSync(folder) : folder);
const [name, layers = "/opt"] = process.argv.splice(2);
const [root, opt] = [real(process.env.LAMBDA_TASK_ROOT), real(layers)];
const runtime = path.dirname(fileURLToPath(import.meta.url));
for (const [folder, as] of [[root, "/var/task"], [runtime, "/var/runtime"], [opt, "/opt"]]) show(folder, as);

patchConsole();
process.on("uncaughtException", (error) => end("Uncaught Exception", error, 129));
process.on("unhandledRejection", (reason, promise) => {
  const error = Object.assign(new Runtime.UnhandledPromiseRejection(reason), { reason, promise });
  end("Unhandled Promise Rejection", error, 128);
});

async function end(label, error, status) {
  logError(label, error);
  if (current === undefined) await api.failInit(error);
  else if (current) await api.fail(current, error);
  process.exit(status);
}

if (opt !== "/opt") {
  process.env.NODE_PATH = process.env.NODE_PATH?.replaceAll(":", path.delimiter).replaceAll("/opt/", `${opt}/`);
  module._initPaths();
}
if (fs.existsSync(`${opt}/nodejs`) && module.register) {
  const major = process.env.AWS_EXECUTION_ENV?.match(/nodejs(\d+)/)?.[1];
  const folders = [`${opt}/nodejs/node${major}/`, `${opt}/nodejs/`].map((folder) => pathToFileURL(folder).href);
  module.register("./layers.mjs", import.meta.url, { data: folders });
}

const handler = await load(root, name);
const kind = manner(handler);
if (kind.takesCallback) {
  if (Number.parseInt(process.env.AWS_EXECUTION_ENV?.match(/nodejs(\d+)/)?.[1], 10) >= 24) {
    throw new Runtime.CallbackHandlerDeprecated(REMOVED);
  }
  if (!kind.isAsync && process.env.AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING === undefined) console.warn(DEPRECATED);
}
await serve(handler, kind);
