package com.amazonaws.services.lambda.runtime;

/** A handler whose event and answer are JSON, read and written for it. */
public interface RequestHandler<I, O> {
    O handleRequest(I input, Context context);
}
