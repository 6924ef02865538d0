package sandboxclient;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The first class that runs in a Java function's process: java sandboxclient.Main HANDLER [OPT]. */
public final class Main {
    private static final String TRACE = "com.amazonaws.xray.traceHeader";

    private Main() {}

    public static void main(String[] args) throws IOException, ReflectiveOperationException {
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        String temporary = System.getenv("TMPDIR");
        if (temporary != null) System.setProperty("java.io.tmpdir", temporary);
        Logs logs = new Logs();
        share(logs);
        ClassLoader loader = new URLClassLoader(packages(args.length > 1 ? args[1] : "/opt"));
        Thread.currentThread().setContextClassLoader(loader);
        RuntimeApi api = new RuntimeApi(System.getenv("AWS_LAMBDA_RUNTIME_API"));
        try {
            serve(api, logs, Handlers.load(args[0], loader));
        } catch (Fault fault) {
            logs.fault(fault.log());
            api.failInit(fault.answer(), "Runtime.BadFunctionCode");
            System.exit(1);
        }
    }

    /** The function's classes, its jars, then those of layers; the runtime's own classes come before them all. */
    private static URL[] packages(String opt) throws MalformedURLException {
        File task = new File(System.getenv("LAMBDA_TASK_ROOT"));
        List<URL> found = new ArrayList<>(List.of(task.toURI().toURL()));
        for (File folder : new File[] {new File(task, "lib"), new File(opt, "java/lib")}) {
            File[] jars = folder.listFiles((where, name) -> name.endsWith(".jar"));
            if (jars == null) continue;
            Arrays.sort(jars);
            for (File jar : jars) found.add(jar.toURI().toURL());
        }
        return found.toArray(new URL[0]);
    }

    private static void share(LambdaLogger logger) throws ReflectiveOperationException {
        Field field = LambdaRuntime.class.getDeclaredField("logger");
        field.setAccessible(true);
        field.set(null, logger);
    }

    /** Asks for events and gives them to the handler, until one ends the runtime. */
    private static void serve(RuntimeApi api, Logs logs, Handler handler) throws IOException {
        while (true) {
            RuntimeApi.Answer event = api.next();
            logs.begin(event.headers());
            String trace = event.headers().get("lambda-runtime-trace-id");
            if (trace == null) System.clearProperty(TRACE);
            else System.setProperty(TRACE, trace);
            Fault fault;
            String type = "Runtime.UserException";
            try {
                api.respond(event, handler.call(event.body(), new InvocationContext(event.headers(), logs)));
                Thread.interrupted(); // the handler may have left it set
                continue;
            } catch (Fault found) {
                fault = found;
                type = "Runtime.BadFunctionCode";
            } catch (Throwable error) {
                fault = Fault.of(error);
            }
            logs.fault(fault.log());
            api.fail(event, fault.answer(), type);
            if (fault.fatal) System.exit(0);
        }
    }
}
