package sandboxclient;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What JsonReader has read, as a value of a Java type: as generous as Lambda's Jackson is set to be. */
final class Binder {
    private Binder() {}

    /** `json` as a `type`. Throws BadJson if it does not fit. */
    static Object bind(Object json, Type type) throws BadJson {
        if (type instanceof WildcardType wildcard) return bind(json, wildcard.getUpperBounds()[0]);
        if (type instanceof TypeVariable<?> variable) return bind(json, variable.getBounds()[0]);
        if (type instanceof GenericArrayType array) return array(json, array.getGenericComponentType());
        Class<?> raw = raw(type);
        if (raw == Object.class) return plain(json);
        Type[] given = type instanceof ParameterizedType p ? p.getActualTypeArguments() : new Type[0];
        Type last = given.length == 0 ? Object.class : given[given.length - 1];
        if (raw == Optional.class) return Optional.ofNullable(bind(json, last));
        if (json == null || json.equals("") && raw != String.class && raw != CharSequence.class) {
            return raw.isPrimitive() ? Array.get(Array.newInstance(raw, 1), 0) : null;
        }
        if (raw == byte[].class || raw == ByteBuffer.class) return bytes(json, raw);
        if (raw.isArray()) return array(json, raw.getComponentType());
        if (raw == Iterable.class || Collection.class.isAssignableFrom(raw)) return collection(json, raw, last);
        if (json instanceof List<?> one && one.size() <= 1) return bind(one.isEmpty() ? null : one.get(0), type);
        if (Map.class.isAssignableFrom(raw)) return map(json, raw, given.length < 2 ? Object.class : given[0], last);
        if (raw == String.class || raw == CharSequence.class) return text(json, raw);
        if (raw == boolean.class || raw == Boolean.class) return truth(json, raw);
        if (raw == char.class || raw == Character.class) return text(json, raw).charAt(0);
        if (raw.isEnum()) return constant(json, raw);
        if (raw == Date.class && json instanceof Number number) return date(number);
        boolean isTime = raw.getName().startsWith("java.time.") || raw.getName().startsWith("org.joda.time.");
        if (isTime && json instanceof String text) return time(text, raw);
        if (raw.isPrimitive() || Number.class.isAssignableFrom(raw)) return number(json, raw);
        if (!(json instanceof Map<?, ?> members)) throw cannotConstruct(json, raw);
        return Beans.make(raw, members);
    }

    private static Class<?> raw(Type type) {
        if (type instanceof Class<?> raw) return raw;
        if (type instanceof ParameterizedType given) return raw(given.getRawType());
        if (type instanceof GenericArrayType array) return raw(array.getGenericComponentType()).arrayType();
        return Object.class;
    }

    /** What an Object is made of: numbers with a fraction are Doubles. */
    private static Object plain(Object json) {
        if (json instanceof BigDecimal number) return number.doubleValue();
        if (json instanceof Map<?, ?> map) {
            Map<Object, Object> plain = new LinkedHashMap<>();
            map.forEach((name, value) -> plain.put(name, plain(value)));
            return plain;
        }
        if (!(json instanceof List<?> items)) return json;
        List<Object> plain = new ArrayList<>();
        items.forEach(item -> plain.add(plain(item)));
        return plain;
    }

    private static Object array(Object json, Type item) throws BadJson {
        List<?> items = json instanceof List<?> list ? list : List.of(json);
        Object array = Array.newInstance(raw(item), items.size());
        for (int at = 0; at < items.size(); at++) Array.set(array, at, bind(items.get(at), item));
        return array;
    }

    private static Object collection(Object json, Class<?> raw, Type item) throws BadJson {
        boolean isList = raw.isAssignableFrom(ArrayList.class);
        Collection<Object> items = isList ? new ArrayList<>() : empty(raw, new LinkedHashSet<>());
        for (Object each : json instanceof List<?> list ? list : List.of(json)) items.add(bind(each, item));
        return items;
    }

    private static Object map(Object json, Class<?> raw, Type key, Type value) throws BadJson {
        if (!(json instanceof Map<?, ?> members)) {
            throw cannotConstruct(json, raw == Map.class ? LinkedHashMap.class : raw);
        }
        Map<Object, Object> map = empty(raw, new LinkedHashMap<>());
        for (Map.Entry<?, ?> each : members.entrySet()) map.put(bind(each.getKey(), key), bind(each.getValue(), value));
        return map;
    }

    /** The usual collection where it fits, else an empty one of the class that is asked for. */
    @SuppressWarnings("unchecked")
    private static <T> T empty(Class<?> raw, T usual) throws BadJson {
        return raw.isInstance(usual) ? usual : (T) Beans.make(raw, Map.of());
    }

    private static String text(Object json, Class<?> raw) throws BadJson {
        if (json instanceof Map || json instanceof List) throw cannot(json, raw);
        return json.toString();
    }

    private static boolean truth(Object json, Class<?> raw) throws BadJson {
        if (json instanceof Boolean truth) return truth;
        if (json instanceof Number number) return number.doubleValue() != 0;
        if ("true".equalsIgnoreCase(json.toString()) || "false".equalsIgnoreCase(json.toString())) {
            return Boolean.parseBoolean(json.toString());
        }
        throw cannot(json, raw);
    }

    private static Object bytes(Object json, Class<?> raw) throws BadJson {
        try {
            byte[] bytes = Base64.getDecoder().decode(text(json, raw));
            return raw == ByteBuffer.class ? ByteBuffer.wrap(bytes) : bytes;
        } catch (IllegalArgumentException error) {
            throw cannot(json, raw);
        }
    }

    /** Null for a name that the enum does not have. */
    private static Object constant(Object json, Class<?> raw) throws BadJson {
        String name = text(json, raw);
        for (Object constant : raw.getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(name)) return constant;
        }
        return null;
    }

    /** Milliseconds, as Jackson has it; or seconds, as AWS's events have them: in milliseconds these were in 1970. */
    private static Date date(Number number) {
        double value = number.doubleValue();
        return new Date((long) (value < 1e11 ? value * 1000 : value));
    }

    private static Object time(String text, Class<?> raw) throws BadJson {
        for (Class<?> parameter : new Class<?>[] {CharSequence.class, String.class}) {
            try {
                return raw.getMethod("parse", parameter).invoke(null, text);
            } catch (NoSuchMethodException error) {
                continue; // Joda's take a String
            } catch (ReflectiveOperationException error) {
                throw cannot(text, raw);
            }
        }
        throw cannot(text, raw);
    }

    private static Object number(Object json, Class<?> raw) throws BadJson {
        if (!(json instanceof Number || json instanceof String)) throw cannot(json, raw);
        if (json instanceof Double) return raw == float.class || raw == Float.class ? (Object) Float.NaN : json;
        try {
            BigDecimal number = new BigDecimal(json.toString().strip());
            BigInteger whole = number.toBigInteger();
            return switch (raw.getSimpleName().toLowerCase()) {
                case "byte" -> whole.byteValueExact();
                case "short" -> whole.shortValueExact();
                case "int", "integer" -> whole.intValueExact();
                case "long" -> whole.longValueExact();
                case "float" -> number.floatValue();
                case "double" -> number.doubleValue();
                case "biginteger" -> whole;
                case "bigdecimal" -> number;
                case "number" -> json instanceof String ? whole : plain(json);
                default -> throw cannot(json, raw);
            };
        } catch (NumberFormatException error) {
            throw cannot(json, raw);
        } catch (ArithmeticException error) {
            throw new BadJson("Numeric value (" + json + ") out of range of `" + raw.getName() + "`");
        }
    }

    private static BadJson cannot(Object json, Class<?> raw) {
        String from = "String \"" + json + "\": not a valid `" + raw.getName() + "` value";
        if (json instanceof Map) from = "Object value (token `JsonToken.START_OBJECT`)";
        if (json instanceof List) from = "Array value (token `JsonToken.START_ARRAY`)";
        if (json instanceof Boolean) from = "Boolean value (token `JsonToken.VALUE_" + (json + "`)").toUpperCase();
        return new BadJson("Cannot deserialize value of type `" + raw.getName() + "` from " + from);
    }

    private static BadJson cannotConstruct(Object json, Class<?> raw) {
        if (json instanceof List || json instanceof Boolean) return cannot(json, raw);
        String from = json instanceof String ? "String value ('" + json + "')" : "Number value (" + json + ")";
        String argument = json instanceof String ? "String" : json instanceof Integer ? "int/Int" : "double/Double";
        return new BadJson(
                "Cannot construct instance of `" + raw.getName() + "` (although at least one Creator exists): no "
                        + argument + "-argument constructor/factory method to deserialize from " + from);
    }
}
