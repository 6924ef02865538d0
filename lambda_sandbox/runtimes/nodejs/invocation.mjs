// One invocation after the other: the context, the three ways in which a handler may answer, and what ends it.

import * as api from "./api.mjs";
import { Runtime } from "./errors.mjs";
import { logError, setRequestId } from "./logs.mjs";
import { ResponseStream } from "./stream.mjs";

const NEVER_SETTLED =
  "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that " +
  "was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes";

export let current; // the id of the invocation that runs; "" between two of them
let whenEmpty = () => {}; // what to do when nothing is left to wait for
process.on("beforeExit", () => whenEmpty());

/** Asks for events and gives them to the handler, for ever. */
export async function serve(handler, { streams, isAsync }) {
  for (;;) {
    const { headers, body } = await api.next();
    current = headers["lambda-runtime-aws-request-id"];
    setRequestId(current);
    const trace = headers["lambda-runtime-trace-id"];
    if (trace) process.env._X_AMZN_TRACE_ID = trace;
    else delete process.env._X_AMZN_TRACE_ID;
    if (streams) await stream(handler, headers, body);
    else await call(handler, headers, body, isAsync);
    current = "";
  }
}

/** Calls a handler; done when its answer, or its error, is sent. The first answer counts. */
function call(handler, headers, body, isAsync) {
  return new Promise((resolve) => {
    const waiting = { callbackWaitsForEmptyEventLoop: true };
    let answered = false;
    const send = async (error, result) => {
      whenEmpty = () => {};
      try {
        if (error === undefined || error === null) return resolve(await api.respond(current, result));
      } catch (problem) {
        error = problem;
      }
      logError("Invoke Error", error);
      return resolve(await api.fail(current, error));
    };
    const once = (answer) => (...what) => {
      if (answered) return;
      answered = true;
      answer(...what);
    };
    const callback = once((error, result) => {
      const isError = error !== undefined && error !== null;
      if (isError || !waiting.callbackWaitsForEmptyEventLoop) send(error, result);
      else whenEmpty = () => send(null, result);
    });
    const done = once(send);
    const succeed = (result) => done(null, result);
    const fail = (error) => done(error ?? "handled");
    whenEmpty = () => (isAsync ? fail(new Runtime.NodeJsExit(NEVER_SETTLED)) : succeed(null));
    try {
      const context = describe(Object.assign(waiting, { succeed, fail, done }), headers);
      const result = handler(JSON.parse(body), context, callback);
      if (typeof result?.then === "function") result.then(succeed, fail);
    } catch (error) {
      callback(error);
    }
  });
}

/** Calls a streaming handler, whose writing is sent as it writes. */
async function stream(handler, headers, body) {
  const response = new ResponseStream(current);
  const finished = new Promise((resolve, reject) => response.on("finish", resolve).on("error", reject));
  finished.catch(() => {}); // told below, if the handler has not failed before
  try {
    const result = handler(JSON.parse(body), response, describe({ callbackWaitsForEmptyEventLoop: true }, headers));
    if (typeof result?.then !== "function") throw "Streaming does not support non-async handlers.";
    const stuck = new Promise((_, reject) => (whenEmpty = () => reject("Response stream is not finished.")));
    if ((await Promise.race([result, stuck])) !== undefined) console.warn("Streaming handlers ignore return values.");
    if (!response.writableEnded) throw "Response stream is not finished.";
    await finished;
    whenEmpty = () => {};
    await response.complete();
  } catch (error) {
    whenEmpty = () => {};
    logError("Invoke Error", error);
    await (response.begun ? response.complete(error) : api.fail(current, error));
  }
}

/** The context object. */
function describe(context, headers) {
  const deadline = headers["lambda-runtime-deadline-ms"];
  return Object.assign(context, {
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parse(headers["lambda-runtime-client-context"], "ClientContext"),
    identity: parse(headers["lambda-runtime-cognito-identity"], "CognitoIdentity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    tenantId: headers["lambda-runtime-aws-tenant-id"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  });
}

function parse(text, name) {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot parse ${name} as json: ${error}`);
  }
}
