package sandboxclient;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** context.getLogger(), as Lambda writes it: text as it is, or lines of JSON; each record is one event of the log. */
final class Logs implements LambdaLogger {
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    // The descriptor for log records leads where standard output does: what goes there keeps its order with prints.
    private final boolean framed = System.getenv("_LAMBDA_TELEMETRY_LOG_FD") != null;
    private final boolean json = "JSON".equalsIgnoreCase(System.getenv("AWS_LAMBDA_LOG_FORMAT"));
    private final LogLevel least;
    private Map<String, String> headers = Map.of();

    Logs() {
        String level = System.getenv("AWS_LAMBDA_LOG_LEVEL");
        least = level == null ? LogLevel.UNDEFINED : LogLevel.fromString(level);
    }

    /** The invocation that runs from now on. */
    void begin(Map<String, String> event) {
        headers = event;
    }

    @Override
    public void log(String message) {
        log(message, LogLevel.UNDEFINED);
    }

    @Override
    public void log(byte[] message) {
        log(message, LogLevel.UNDEFINED);
    }

    @Override
    public void log(String message, LogLevel level) {
        String text = level == LogLevel.UNDEFINED ? message : "[" + level + "] " + message;
        log((json ? line(message, level) : text).getBytes(StandardCharsets.UTF_8), level);
    }

    @Override
    public synchronized void log(byte[] message, LogLevel level) {
        if (level != LogLevel.UNDEFINED && level.compareTo(least) < 0) return;
        try {
            out.write(framed ? frame(message, level) : message);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** Logs what ends an invocation, or the runtime. */
    void fault(String text) {
        log(text, json ? LogLevel.ERROR : LogLevel.UNDEFINED);
    }

    private String line(String message, LogLevel level) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("timestamp", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        line.put("message", message);
        line.put("level", level);
        line.put("AWSRequestId", headers.get("lambda-runtime-aws-request-id"));
        line.put("tenantId", headers.get("lambda-runtime-aws-tenant-id"));
        return JsonWriter.write(line) + "\n";
    }

    /** Type, length and time go before, so that one record stays one event. */
    private byte[] frame(byte[] message, LogLevel level) {
        ByteBuffer frame = ByteBuffer.allocate(16 + message.length);
        frame.putInt(0xa55a0002 | (json ? 0 : 1) | (level.ordinal() << 2)).putInt(message.length);
        return frame.putLong(System.currentTimeMillis() * 1000).put(message).array();
    }
}
