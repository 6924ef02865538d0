package sandboxclient;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON text to Map, List, String, Integer, Long, BigInteger, BigDecimal, Boolean and null. */
final class JsonReader {
    private static final int DEEPEST = 1000;
    private final String text;
    private int at;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
    }

    /** The value that `text` is. Throws BadJson. */
    static Object read(String text) throws BadJson {
        JsonReader reader = new JsonReader(text);
        reader.space();
        if (reader.at == text.length()) throw new BadJson("No content to map due to end-of-input");
        Object value = reader.value();
        reader.space();
        if (reader.at < text.length()) throw reader.unexpected();
        return value;
    }

    private Object value() throws BadJson {
        space();
        char first = peek();
        if (first == '"') return string();
        if (first == '{' || first == '[') {
            if (++depth > DEEPEST) throw new BadJson("Document nesting depth exceeds the maximum allowed, " + DEEPEST);
            Object value = first == '{' ? object() : array();
            depth--;
            return value;
        }
        if (first == '-' || (first >= '0' && first <= '9')) return number();
        for (Object[] word : new Object[][] {{"true", true}, {"false", false}, {"null", null}, {"NaN", Double.NaN}}) {
            if (text.startsWith((String) word[0], at)) {
                at += ((String) word[0]).length();
                return word[1];
            }
        }
        throw unexpected();
    }

    private Map<String, Object> object() throws BadJson {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        for (space(); peek() != '}'; space()) {
            if (!members.isEmpty()) expect(',');
            space();
            if (peek() != '"') throw unexpected();
            String name = string();
            space();
            expect(':');
            members.put(name, value());
        }
        at++;
        return members;
    }

    private List<Object> array() throws BadJson {
        List<Object> items = new ArrayList<>();
        at++;
        for (space(); peek() != ']'; space()) {
            if (!items.isEmpty()) expect(',');
            items.add(value());
        }
        at++;
        return items;
    }

    private String string() throws BadJson {
        StringBuilder string = new StringBuilder();
        for (at++; peek() != '"'; at++) {
            char next = text.charAt(at);
            if (next == '\\') {
                at++;
                next = peek();
                int known = "bfnrt".indexOf(next);
                if (next == 'u') next = unicode();
                else if (known >= 0) next = "\b\f\n\r\t".charAt(known);
            }
            string.append(next);
        }
        at++;
        return string.toString();
    }

    private char unicode() throws BadJson {
        try {
            char found = (char) Integer.parseInt(text.substring(at + 1, at + 5), 16);
            at += 4;
            return found;
        } catch (RuntimeException error) {
            throw unexpected();
        }
    }

    private Number number() throws BadJson {
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
        String digits = text.substring(start, at);
        try {
            if (!digits.matches("-?\\d+")) return new BigDecimal(digits);
            BigInteger whole = new BigInteger(digits);
            if (whole.bitLength() < 32) return whole.intValue();
            return whole.bitLength() < 64 ? (Number) whole.longValue() : whole;
        } catch (NumberFormatException error) {
            at = start;
            throw unexpected();
        }
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
    }

    private char peek() throws BadJson {
        if (at >= text.length()) throw new BadJson("Unexpected end-of-input");
        return text.charAt(at);
    }

    private void expect(char wanted) throws BadJson {
        if (peek() != wanted) throw unexpected();
        at++;
    }

    private BadJson unexpected() {
        long line = text.substring(0, at).chars().filter(each -> each == '\n').count() + 1;
        int column = at - text.lastIndexOf('\n', at - 1);
        String what = "('" + text.charAt(at) + "' (code " + (int) text.charAt(at) + "))";
        return new BadJson("Unexpected character " + what + " at line: " + line + ", column: " + column);
    }
}
