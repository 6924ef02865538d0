package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.events.S3Event;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The functions of test_java.py. Each class, and each method of this one, is a handler. */
public class Cases {
    public enum Size { SMALL, LARGE }

    public record Extra(String name, int grams) {}

    /** A member of every kind. */
    public static class Order {
        private String coffee;
        private Integer cups;
        private boolean paid;
        private List<Extra> extras;
        private Map<String, Size> sizes;
        private Order then;
        public double price;
        public long[] numbers;
        public byte[] bytes;
        public Set<String> tags;
        public BigDecimal exact;
        public Optional<String> note;
        public Object anything;
        String hidden = "not a property";

        public String getCoffee() { return coffee; }
        public void setCoffee(String coffee) { this.coffee = coffee; }
        public Integer getCups() { return cups; }
        public void setCups(Integer cups) { this.cups = cups; }
        public boolean isPaid() { return paid; }
        public void setPaid(boolean paid) { this.paid = paid; }
        public List<Extra> getExtras() { return extras; }
        public void setExtras(List<Extra> extras) { this.extras = extras; }
        public Map<String, Size> getSizes() { return sizes; }
        public void setSizes(Map<String, Size> sizes) { this.sizes = sizes; }
        public Order getThen() { return then; }
        public void setThen(Order then) { this.then = then; }
    }

    private int seen;

    /** The longer overload is the handler. */
    public Order order(Order order) {
        throw new IllegalStateException("the shorter overload was called");
    }

    public Object order(Order order, Context context) {
        if ("throws".equals(order.getCoffee())) throw new IllegalArgumentException("no coffee", new IOException("dry"));
        if ("is silent".equals(order.getCoffee())) throw new UnsupportedOperationException();
        if ("is endless".equals(order.getCoffee())) {
            order.setThen(order);
            return order;
        }
        if ("counts".equals(order.getCoffee())) return ++seen;
        return order;
    }

    public void nothing(Context context) {}

    public static List<Integer> sorted(List<Integer> numbers) {
        List<Integer> all = new ArrayList<>(numbers);
        all.sort(null);
        return all;
    }

    public String stored(S3Event event) {
        S3Event.Item item = event.getRecords().get(0);
        return item.time().getYear() + " " + item.region() + " " + item.key().get("key") + " " + item.elements().id2();
    }

    public SQSEvent handled(SQSEvent event) {
        return event;
    }

    public String leaves(String status) throws Exception {
        if (!status.isEmpty()) System.exit(Integer.parseInt(status));
        Files.writeString(Files.createTempFile("kept", ".txt"), "kept");
        return leaves(status); // until the stack is full
    }

    /** With the context of an invocation, by streams; and it prints. */
    public static class Streams implements RequestStreamHandler {
        @Override
        public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
            System.out.println("printed: für " + context.getFunctionName());
            System.err.println("printed, too");
            context.getLogger().log("logged\nin two lines");
            LambdaRuntime.getLogger().log("a warning", LogLevel.WARN);
            LambdaRuntime.getLogger().log("nobody reads it", LogLevel.DEBUG);
            boolean hasTime = context.getRemainingTimeInMillis() > 1000;
            Object shop = context.getClientContext() == null ? "" : context.getClientContext().getCustom().get("shop");
            String about = context.getFunctionVersion() + " " + context.getMemoryLimitInMB() + " " + hasTime;
            output.write((new String(input.readAllBytes()) + " " + about + " " + shop).getBytes());
        }
    }

    public abstract static class Base<T> implements RequestHandler<T, String> {}

    /** Its event's type is found in the class it extends; what it calls lies in a layer. */
    public static class Typed extends Base<Map<String, Extra>> {
        @Override
        public String handleRequest(Map<String, Extra> extras, Context context) {
            return shared.Layer.NAME + " " + extras.get("milk").grams();
        }
    }

    public static class Broken {
        static final int NUMBER = Integer.parseInt("no number");

        public void go() {}
    }

    public static class Refuses {
        public Refuses() {
            throw new UncheckedIOException(new IOException("no beans"));
        }

        public void go() {}
    }

    public static class Plain {
        public Plain(int needed) {}

        public void go() {}
    }
}
