package com.amazonaws.services.lambda.runtime.logging;

/** The formats of log lines. */
public enum LogFormat {
    JSON,
    TEXT;

    public static LogFormat fromString(String name) {
        try {
            return valueOf(name.toUpperCase());
        } catch (RuntimeException unknown) {
            throw new IllegalArgumentException("Invalid log format: '" + name + "' expected one of [JSON, TEXT]");
        }
    }
}
