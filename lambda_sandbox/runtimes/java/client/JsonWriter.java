package sandboxclient;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** A value as JSON text, as Lambda's Jackson is set to write it: members that are null are left out. */
final class JsonWriter {
    private static final int DEEPEST = 1000;
    private final StringBuilder out = new StringBuilder();
    private int depth;

    static String write(Object value) {
        JsonWriter writer = new JsonWriter();
        writer.value(value);
        return writer.out.toString();
    }

    private void value(Object value) {
        if (++depth > DEEPEST) throw new IllegalStateException("Infinite recursion (StackOverflowError)");
        if (value == null || value instanceof Boolean) out.append(value);
        else if (value instanceof Number number) number(number);
        else if (value instanceof Enum<?> constant) string(constant.name());
        else if (value instanceof CharSequence || value instanceof Character) string(value.toString());
        else if (value instanceof byte[] bytes) string(Base64.getEncoder().encodeToString(bytes));
        else if (value instanceof ByteBuffer bytes) value(content(bytes));
        else if (value instanceof char[] text) string(new String(text));
        else if (value instanceof Optional<?> optional) value(optional.orElse(null));
        else if (value instanceof Map<?, ?> map) members(map);
        else if (value instanceof Iterable<?> items) items(items.iterator());
        else if (value.getClass().isArray()) items(elements(value));
        else members(Beans.members(value));
        depth--;
    }

    private static byte[] content(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static Iterator<?> elements(Object array) {
        return IntStream.range(0, Array.getLength(array)).mapToObj(at -> Array.get(array, at)).iterator();
    }

    private void number(Number number) {
        boolean isFloating = number instanceof Double || number instanceof Float;
        if (isFloating && !Double.isFinite(number.doubleValue())) string(number.toString());
        else out.append(number);
    }

    private void members(Map<?, ?> members) {
        String separator = "{";
        for (Map.Entry<?, ?> member : members.entrySet()) {
            if (member.getValue() == null) continue;
            out.append(separator);
            string(String.valueOf(member.getKey()));
            out.append(':');
            value(member.getValue());
            separator = ",";
        }
        out.append(separator.equals("{") ? "{}" : "}");
    }

    private void items(Iterator<?> items) {
        out.append('[');
        while (items.hasNext()) {
            value(items.next());
            if (items.hasNext()) out.append(',');
        }
        out.append(']');
    }

    private void string(String text) {
        out.append('"');
        for (int at = 0; at < text.length(); at++) {
            char each = text.charAt(at);
            int known = "\"\\\b\f\n\r\t".indexOf(each);
            if (known >= 0) out.append('\\').append("\"\\bfnrt".charAt(known));
            else if (each < ' ') out.append(String.format("\\u%04X", (int) each));
            else out.append(each);
        }
        out.append('"');
    }
}
