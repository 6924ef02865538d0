// Finds a function's handler: `folder/file.export` (or `file.export.member`), in CommonJS or as an ES module.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { Runtime } from "./errors.mjs";

const require = createRequire(new URL("./index.mjs", import.meta.url));
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");

/** Loads the code of `root` and returns its handler; throws the errors of `Runtime`, or what the code throws. */
export async function load(root, name) {
  if (name.includes("..")) {
    const advice = "Use absolute paths when specifying root directories in handler names.";
    throw new Runtime.MalformedHandlerName(`'${name}' is not a valid handler name. ${advice}`);
  }
  const file = path.posix.basename(name);
  const [, module, members] = file.match(/^([^.]*)\.(.*)$/) ?? [];
  if (module === undefined) throw new Runtime.MalformedHandlerName("Bad handler");
  const exported = await loadModule(root, name.slice(0, name.length - file.length), module);
  const handler = members.split(".").reduce((value, member) => value && value[member], exported);
  if (!handler) throw new Runtime.HandlerNotFound(`${name} is undefined or not exported`);
  if (typeof handler !== "function") throw new Runtime.HandlerNotFound(`${name} is not a function`);
  return handler;
}

/** The handler's own wish to stream, and how it is written: { streams, isAsync, takesCallback }. */
export function manner(handler) {
  const streams = handler[STREAMING] === "response";
  const isAsync = handler.constructor?.name === "AsyncFunction";
  return { streams, isAsync, takesCallback: handler.length >= 3 && !streams };
}

async function loadModule(root, folder, module) {
  globalThis.awslambda = {
    streamifyResponse: (handler) => Object.assign(handler, { [STREAMING]: "response" }),
    HttpResponseStream: { from: withPrelude },
  };
  const place = path.resolve(root, folder, module);
  try {
    for (const extension of ["", ".js", ".mjs", ".cjs"]) {
      const file = place + extension;
      if (!fs.existsSync(file) || (!extension && fs.statSync(file).isDirectory())) continue;
      const isModule = extension === ".mjs" || (extension === ".js" && isModuleFolder(path.dirname(file)));
      return isModule ? await import(pathToFileURL(file)) : require(file);
    }
    return require(require.resolve(module, { paths: [root, path.resolve(root, folder)] }));
  } catch (error) {
    if (error instanceof SyntaxError) {
      const told = new Runtime.UserCodeSyntaxError(error);
      told.stack = error.stack;
      throw told;
    }
    if (error?.code === "MODULE_NOT_FOUND") throw new Runtime.ImportModuleError(error);
    throw error;
  }
}

/** Whether the nearest package.json says that .js files are ES modules. */
function isModuleFolder(folder) {
  if (path.basename(folder) === "node_modules") return false;
  const description = path.join(folder, "package.json");
  if (fs.existsSync(description)) {
    try {
      return JSON.parse(fs.readFileSync(description))?.type === "module";
    } catch (error) {
      console.warn(`${description} cannot be read, it will be ignored for ES module detection purposes.`, error);
      return false;
    }
  }
  const above = path.dirname(folder);
  return above !== folder && isModuleFolder(above);
}

/** HttpResponseStream.from(stream, { statusCode, headers, cookies }): what goes before the body of an HTTP answer. */
function withPrelude(stream, prelude) {
  stream.setContentType("application/vnd.awslambda.http-integration-response");
  stream._onBeforeFirstWrite = (write) => {
    write(JSON.stringify(prelude));
    write(new Uint8Array(8));
  };
  return stream;
}
