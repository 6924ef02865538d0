// The stream that a streaming handler writes to: what is written is sent at once.

import { Writable } from "node:stream";

import * as api from "./api.mjs";

export class ResponseStream extends Writable {
  #id;
  #sent = null; // { request, answered } from the first write on
  #contentType = "application/octet-stream";

  constructor(id) {
    super();
    this.#id = id;
  }

  get begun() {
    return this.#sent !== null;
  }

  setContentType(contentType) {
    if (this.begun) throw new Error("Cannot set content-type, too late.");
    this.#contentType = contentType;
  }

  write(chunk, ...rest) {
    const isBytes = typeof chunk === "string" || chunk instanceof Uint8Array;
    return super.write(isBytes ? chunk : JSON.stringify(chunk), ...rest);
  }

  _write(chunk, _encoding, done) {
    const { request } = this.#begin();
    request.write(chunk, done);
  }

  #begin() {
    if (!this.begun) {
      this.#sent = api.openStream(this.#id, this.#contentType);
      this._onBeforeFirstWrite?.((first) => this.#sent.request.write(Buffer.from(first)));
    }
    return this.#sent;
  }

  /** The handler is done: all is sent, and how it failed if it did. */
  async complete(error) {
    const { request, answered } = this.#begin();
    if (error !== undefined) request.addTrailers(api.trailers(error));
    request.end();
    await answered;
  }
}
