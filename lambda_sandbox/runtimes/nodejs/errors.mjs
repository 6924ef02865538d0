// The errors of the runtime itself, and how any error looks to the caller and in the log.

import util from "node:util";

const NAMES = [
  "ImportModuleError",
  "HandlerNotFound",
  "MalformedHandlerName",
  "UserCodeSyntaxError",
  "UnhandledPromiseRejection",
  "NodeJsExit",
  "CallbackHandlerDeprecated",
];

/** Runtime.HandlerNotFound and so on, as classes. */
export const Runtime = Object.fromEntries(
  NAMES.map((name) => {
    const kind = { [name]: class extends Error {} }[name];
    kind.prototype.name = `Runtime.${name}`;
    return [name, kind];
  }),
);

const places = []; // [folder of this machine, what it is on AWS], where they differ

/** Makes texts of errors name a place as AWS has it. */
export function show(folder, as) {
  if (folder && folder !== as) places.push([folder, as]);
}

function told(text) {
  if (typeof text !== "string") return text;
  const said = places.reduce((so, [here, there]) => so.replaceAll(here, there), text);
  return said.replaceAll(/\/(var\/task|var\/runtime|opt)[\\\w.-]+/g, (place) => place.replaceAll("\\", "/")); // Windows
}

/** What the caller gets: { errorType, errorMessage, trace }. */
export function toAnswer(error) {
  try {
    if (util.types.isNativeError(error) || (error?.name && error.message && error.stack)) {
      return { errorType: error.name, errorMessage: told(error.message), trace: told(error.stack).split("\n") };
    }
    return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch {
    const problem = "a problem while retrieving one or more of its message, name, and stack";
    return { errorType: "handled", errorMessage: `callback called with Error argument, but there was ${problem}` };
  }
}

/** One line of JSON for a log in text format; it always begins with a tab. */
export function toText(error) {
  try {
    return `\t${JSON.stringify(error, (_, value) => (value instanceof Error ? withDetails(value) : value))}`;
  } catch {
    return `\t${JSON.stringify(toAnswer(error))}`;
  }
}

/** The members of an error that JSON would leave out, then its own. */
function withDetails(error) {
  const { name, message, code, stack } = error;
  const details = { errorType: name, errorMessage: told(message), code, ...error };
  return typeof stack === "string" ? { ...details, stack: told(stack).split("\n") } : details;
}

/** An error in a log in JSON format. */
export function toJson(error) {
  const { message, stack } = error;
  const trace = typeof stack === "string" ? told(stack).split("\n") : stack;
  return { errorType: error.constructor?.name ?? "UnknownError", errorMessage: told(message), stackTrace: trace };
}
