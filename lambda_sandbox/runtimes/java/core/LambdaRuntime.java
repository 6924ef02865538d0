package com.amazonaws.services.lambda.runtime;

/** Where code that is given no context finds the logger. */
public final class LambdaRuntime {
    private static volatile LambdaLogger logger;

    private LambdaRuntime() {}

    public static LambdaLogger getLogger() {
        return logger;
    }
}
