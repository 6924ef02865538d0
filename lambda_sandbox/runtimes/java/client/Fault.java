package sandboxclient;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What ends an invocation, or the runtime if it is `fatal`: how the caller sees it, and what the log says. */
final class Fault extends RuntimeException {
    private static final String OURS = Fault.class.getPackageName() + ".";
    private static final int DEEPEST_CAUSE = 100;
    final boolean fatal;
    private final Map<String, Object> answer;
    private final String log;

    private Fault(Map<String, Object> answer, String log, boolean fatal) {
        super((String) answer.get("errorMessage"));
        this.answer = answer;
        this.log = log;
        this.fatal = fatal;
    }

    /** A fault of the function's configuration, in words alone. */
    static Fault saying(String message) {
        return new Fault(Map.of("errorMessage", message), message + "\n", false);
    }

    /** A fault that says `message` because of an error; the caller is told no stack trace. */
    static Fault because(String message, Throwable error, boolean fatal) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("errorMessage", message);
        answer.put("errorType", error.getClass().getName());
        return new Fault(answer, told(message, error), fatal);
    }

    /** What a handler has thrown. */
    static Fault of(Throwable error) {
        boolean fatal = error instanceof VirtualMachineError || error instanceof java.io.IOError;
        return new Fault(answer(cut(error, 0), 0), told(message(error), error), fatal);
    }

    byte[] answer() {
        return JsonWriter.write(answer).getBytes(StandardCharsets.UTF_8);
    }

    String log() {
        return log;
    }

    /** An error's message, or its class where it has none. */
    static String message(Throwable error) {
        String message = error.getLocalizedMessage();
        return message == null ? error.getClass().getName() : message;
    }

    private static Map<String, Object> answer(Throwable error, int depth) {
        List<String> frames = new ArrayList<>();
        for (StackTraceElement frame : error.getStackTrace()) frames.add(frame.toString());
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("errorMessage", message(error));
        answer.put("errorType", error.getClass().getName());
        answer.put("stackTrace", frames);
        if (error.getCause() != null && depth < DEEPEST_CAUSE) answer.put("cause", answer(error.getCause(), depth + 1));
        return answer;
    }

    private static String told(String message, Throwable error) {
        StringWriter trace = new StringWriter();
        cut(error, 0).printStackTrace(new PrintWriter(trace, true));
        return message + ": " + error.getClass().getName() + "\n" + trace + "\n";
    }

    /** Takes the runtime's own frames, and all below them, from an error's stack trace and its causes'. */
    private static Throwable cut(Throwable error, int depth) {
        StackTraceElement[] frames = error.getStackTrace();
        int end = 0;
        while (end < frames.length && !frames[end].getClassName().startsWith(OURS)) end++;
        error.setStackTrace(java.util.Arrays.copyOf(frames, end));
        if (error.getCause() != null && depth < DEEPEST_CAUSE) cut(error.getCause(), depth + 1);
        return error;
    }
}
