package com.amazonaws.services.lambda.runtime.logging;

/** The levels of log lines; what is logged without one is always written. */
public enum LogLevel {
    UNDEFINED,
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR,
    FATAL;

    public static LogLevel fromString(String name) {
        try {
            return valueOf(name.toUpperCase());
        } catch (RuntimeException unknown) {
            String those = "[TRACE, DEBUG, INFO, WARN, ERROR, FATAL]";
            throw new IllegalArgumentException("Invalid log level: '" + name + "' expected one of " + those);
        }
    }
}
