package sandboxclient;

import com.amazonaws.services.lambda.runtime.Context;

/** A function's handler, whatever its form: the bytes of an event in, those of an answer out. */
interface Handler {
    byte[] call(byte[] event, Context context) throws Throwable;
}
