package sandboxclient;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds a function's handler: `package.Class::method`, or a `package.Class` that implements one of Lambda's interfaces.
 *
 * <p>As on AWS, what is wrong with the handler itself is told to whoever invokes; what the function's own code throws
 * while it is loaded ends Init.
 */
final class Handlers {
    private static final byte[] NULL = "null".getBytes(StandardCharsets.UTF_8);

    /** What is called with an event that was JSON, or with a stream; its answer is written as JSON. */
    private interface Code {
        Object call(Object input, OutputStream output, Context context) throws Throwable;
    }

    private Handlers() {}

    /** The handler of that name. Throws a Fault that is fatal if its code fails. */
    static Handler load(String name, ClassLoader loader) {
        int colons = name.lastIndexOf("::");
        String type = colons < 0 ? name : name.substring(0, colons);
        String method = colons < 0 ? null : name.substring(colons + 2);
        Class<?> found = null;
        try {
            if (type.isEmpty() || "".equals(method)) throw Fault.saying("Invalid handler: `" + name + "'");
            found = Class.forName(type, true, loader);
            return method == null ? implementing(found) : calling(found, method);
        } catch (ClassNotFoundException error) {
            return refusing(Fault.because("Class not found: " + type, error, false));
        } catch (NoClassDefFoundError error) {
            String what = "class " + type + ": " + error.getMessage();
            if (found != null) what = "method " + method + " on class " + type;
            return refusing(Fault.because("Error loading " + what, error, found == null));
        } catch (LinkageError error) {
            String why = error.getMessage() == null ? "" : ": " + error.getMessage();
            throw Fault.because("Error loading class " + type + why, error, true);
        } catch (Fault fault) {
            if (fault.fatal) throw fault;
            return refusing(fault);
        }
    }

    private static Handler refusing(Fault fault) {
        return (event, context) -> {
            throw fault;
        };
    }

    private static Handler implementing(Class<?> type) {
        if (RequestStreamHandler.class.isAssignableFrom(type)) {
            RequestStreamHandler made = (RequestStreamHandler) instance(type);
            return streaming(true, (input, output, context) -> {
                made.handleRequest((InputStream) input, output, context);
                return null;
            });
        }
        if (!RequestHandler.class.isAssignableFrom(type)) {
            throw Fault.saying("Class does not implement an appropriate handler interface: " + type.getName());
        }
        Type input = input(type, Map.of());
        if (input == null) {
            String problem = " does not implement RequestHandler with concrete type parameters";
            throw Fault.saying("Class " + type.getName() + problem);
        }
        @SuppressWarnings("unchecked")
        RequestHandler<Object, Object> made = (RequestHandler<Object, Object>) instance(type);
        return reading(input, (event, output, context) -> made.handleRequest(event, context));
    }

    /** The type that a class wants as the input of RequestHandler, looked for in all that it extends and implements. */
    private static Type input(Type type, Map<Type, Type> known) {
        if (type == null) return null;
        Class<?> raw = (Class<?>) (type instanceof ParameterizedType given ? given.getRawType() : type);
        Map<Type, Type> here = new HashMap<>();
        if (type instanceof ParameterizedType given) {
            for (int at = 0; at < raw.getTypeParameters().length; at++) {
                Type argument = given.getActualTypeArguments()[at];
                here.put(raw.getTypeParameters()[at], known.getOrDefault(argument, argument));
            }
        }
        if (raw == RequestHandler.class) {
            Type found = here.get(raw.getTypeParameters()[0]);
            return found instanceof TypeVariable<?> open && open.getBounds()[0] == Object.class ? null : found;
        }
        for (Type above : raw.getGenericInterfaces()) {
            Type found = input(above, here);
            if (found != null) return found;
        }
        return input(raw.getGenericSuperclass(), here);
    }

    /** A method by its name: of several that with the most parameters, where a Context at the end counts twice. */
    private static Handler calling(Class<?> type, String name) {
        Comparator<Method> best = Comparator.comparing(Method::isBridge);
        best = best.thenComparing(method -> -weight(method.getParameterTypes()));
        for (Method method : Arrays.stream(type.getMethods()).sorted(best).toList()) {
            if (!method.getName().equals(name)) continue;
            Handler handler = calling(type, method);
            if (handler != null) return handler;
        }
        String problem = "No public method named " + name + " with appropriate method signature found on class ";
        throw Fault.saying(problem + type.getName());
    }

    private static int weight(Class<?>[] parameters) {
        boolean seesContext = parameters.length > 0 && parameters[parameters.length - 1] == Context.class;
        return parameters.length + (seesContext ? 1 : 0);
    }

    /** Null unless its parameters are a handler's: [InputStream] [OutputStream], or [an event]; and [Context]. */
    private static Handler calling(Class<?> type, Method method) {
        List<Class<?>> kinds = Arrays.asList(method.getParameterTypes());
        boolean seesContext = kinds.contains(Context.class);
        int before = kinds.size() - (seesContext ? 1 : 0);
        boolean reads = before > 0 && kinds.get(0) == InputStream.class;
        boolean writes = before > 0 && kinds.get(before - 1) == OutputStream.class;
        boolean fits = before <= 1 || (before == 2 && reads && writes);
        if (!fits || (seesContext && kinds.get(before) != Context.class)) return null;
        Object made = Modifier.isStatic(method.getModifiers()) ? null : instance(type);
        Code code = (input, output, context) -> {
            Object[] arguments = new Object[kinds.size()];
            for (int at = 0; at < arguments.length; at++) {
                Class<?> kind = kinds.get(at);
                arguments[at] = kind == Context.class ? context : kind == OutputStream.class ? output : input;
            }
            try {
                return method.invoke(made, arguments);
            } catch (InvocationTargetException error) {
                throw error.getCause();
            }
        };
        if (reads || writes) return streaming(writes, code);
        return reading(before == 0 ? null : method.getGenericParameterTypes()[0], code);
    }

    private static Object instance(Class<?> type) {
        try {
            return type.getConstructor().newInstance();
        } catch (InvocationTargetException error) {
            throw Fault.because(Fault.message(error.getCause()), error.getCause(), true);
        } catch (NoSuchMethodException error) {
            boolean isInner = type.getEnclosingClass() != null && !Modifier.isStatic(type.getModifiers());
            String inner = " cannot be instantiated because it is a non-static inner class";
            String problem = "Class " + type.getName() + (isInner ? inner : " has no public zero-argument constructor");
            throw Fault.because(problem, new Exception(problem), false);
        } catch (ReflectiveOperationException error) {
            throw Fault.because(Fault.message(error), error, false);
        }
    }

    private static Handler streaming(boolean writes, Code code) {
        return (event, context) -> {
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            code.call(new ByteArrayInputStream(event), output, context);
            return writes ? output.toByteArray() : NULL;
        };
    }

    /** Reads JSON as `type` (null: not at all) and writes the answer as JSON. */
    private static Handler reading(Type type, Code code) {
        return (event, context) -> {
            Object input;
            try {
                String text = new String(event, StandardCharsets.UTF_8);
                input = type == null ? null : Binder.bind(JsonReader.read(text), type);
            } catch (IOException error) {
                throw new RuntimeException("An error occurred during JSON parsing", new UncheckedIOException(error));
            }
            Object answer = code.call(input, null, context);
            try {
                return JsonWriter.write(answer).getBytes(StandardCharsets.UTF_8);
            } catch (RuntimeException error) {
                throw new RuntimeException("An error occurred during JSON serialization of response", error);
            }
        };
    }
}
