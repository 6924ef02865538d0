// The Runtime API, version 2018-06-01, over one connection that is kept.

import http from "node:http";

import { toAnswer } from "./errors.mjs";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const ERROR_TYPE = "Lambda-Runtime-Function-Error-Type";
const ERROR_BODY = "Lambda-Runtime-Function-Error-Body";
const agent = new http.Agent({ keepAlive: true });

function send(method, path, body, headers) {
  return new Promise((resolve, reject) => {
    const options = { host, port, agent, method, path: `/2018-06-01/runtime/${path}`, headers };
    const request = http.request(options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

function post(path, body, headers) {
  return send("POST", path, body, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  });
}

/** Waits for the next event: { headers, body }. */
export const next = () => send("GET", "invocation/next");

/** Answers an invocation with a value. Throws, before anything is sent, if JSON cannot say it. */
export function respond(id, value) {
  let body;
  try {
    body = JSON.stringify(value === undefined ? null : value) ?? "null"; // a function, a symbol
  } catch {
    throw new Error("Unable to stringify response body");
  }
  return post(`invocation/${id}/response`, body);
}

/** Begins an answer that is sent as a handler writes it: { request, answered }. */
export function openStream(id, contentType) {
  const headers = {
    "Content-Type": contentType,
    "Lambda-Runtime-Function-Response-Mode": "streaming",
    "Transfer-Encoding": "chunked",
    Trailer: `${ERROR_TYPE}, ${ERROR_BODY}`,
  };
  const path = `/2018-06-01/runtime/invocation/${id}/response`;
  const request = http.request({ host, port, agent, method: "POST", path, headers });
  const answered = new Promise((resolve, reject) => {
    request.on("response", (response) => response.on("end", resolve).resume()).on("error", reject);
  });
  return { request, answered };
}

/** What ends an answer that broke after it had begun. */
export function trailers(error) {
  const answer = toAnswer(error);
  const type = /^[\x21-\x7e]+$/.test(answer.errorType) ? answer.errorType : "Runtime.Unknown";
  return { [ERROR_TYPE]: type, [ERROR_BODY]: Buffer.from(JSON.stringify(answer)).toString("base64") };
}

export const fail = (id, error) => post(`invocation/${id}/error`, JSON.stringify(toAnswer(error)));

export function failInit(error) {
  const answer = toAnswer(error);
  const fits = /^[\x21-\x7e]+$/.test(answer.errorType); // in a header
  const headers = fits ? { [ERROR_TYPE]: answer.errorType } : {};
  return post("init/error", JSON.stringify(answer), headers);
}
