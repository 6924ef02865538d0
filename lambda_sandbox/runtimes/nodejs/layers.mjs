// Lets `import` find the packages of layers, as NODE_PATH lets `require`: looked for last, as if imported from there.

let folders = [];

export function initialize(urls) {
  folders = urls;
}

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND" || /^[./]|^[a-z]+:/.test(specifier)) throw error;
    for (const parentURL of folders) {
      try {
        return await next(specifier, { ...context, parentURL });
      } catch {
        // not there either: the first error tells from where it was asked for
      }
    }
    throw error;
  }
}
