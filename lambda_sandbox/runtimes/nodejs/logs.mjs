// console.log and its sisters, as Lambda writes them: a line of text with tabs, or of JSON (facts §3.5 to §3.7).

import fs from "node:fs";
import util from "node:util";

import { toJson, toText } from "./errors.mjs";

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const METHODS = { trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR", fatal: "FATAL" };
const isJson = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === "JSON";
let requestId; // of the invocation that runs

export function setRequestId(id) {
  requestId = id;
}

/** Replaces the methods of console by ones that write Lambda's lines. */
export function patchConsole() {
  const framed = Number.parseInt(process.env._LAMBDA_TELEMETRY_LOG_FD, 10);
  delete process.env._LAMBDA_TELEMETRY_LOG_FD;
  const least = Math.max(0, LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase()));
  const line = isJson ? json : text;
  const write = Number.isNaN(framed) ? print : (level, said) => frame(framed, level, said);
  for (const [method, level] of Object.entries(METHODS)) {
    const heard = LEVELS.indexOf(level) >= least;
    console[method] = heard ? (first, ...rest) => write(level, line(level, [first, ...rest])) : () => {};
  }
}

/** Logs an error that ends an invocation, or the runtime. */
export function logError(label, error) {
  const raised = error instanceof Error ? error : new Error(error);
  if (isJson) console.error(raised);
  else console.error(label, toText(raised));
}

function text(level, what) {
  return `${new Date().toISOString()}\t${requestId}\t${level}\t${util.format(...what)}\n`;
}

function json(level, what) {
  const entry = { timestamp: new Date().toISOString(), level, requestId };
  if (what.length === 1) {
    try {
      const whole = (_, value) => (value instanceof Error ? { ...toJson(value), ...value } : value);
      return `${JSON.stringify({ ...entry, message: what[0] }, whole)}\n`;
    } catch {
      // what refers to itself is told as text
    }
  }
  const error = what.length > 1 ? what.find((part) => part instanceof Error) : undefined;
  return `${JSON.stringify({ ...entry, message: util.format(...what), ...(error && toJson(error)) })}\n`;
}

/** To standard output, where a line feed would end the event. */
function print(_level, said) {
  writeAll(1, Buffer.from(`${said.slice(0, -1).replaceAll("\n", "\r")}\n`));
}

/** To the descriptor for log records: type, length and time go before, so that one record stays one event. */
function frame(descriptor, level, said) {
  const body = Buffer.from(said);
  const head = Buffer.alloc(16);
  head.writeUInt32BE((0xa55a0002 | (isJson ? 0 : 1) | ((LEVELS.indexOf(level) + 1) << 2)) >>> 0, 0);
  head.writeUInt32BE(body.length, 4);
  head.writeBigInt64BE(BigInt(Date.now()) * 1000n, 8);
  writeAll(descriptor, Buffer.concat([head, body]));
}

function writeAll(descriptor, bytes) {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += fs.writeSync(descriptor, bytes, written);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error; // else the pipe is full: whoever reads it is on the way
    }
  }
}
