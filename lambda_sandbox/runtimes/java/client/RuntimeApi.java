package sandboxclient;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The Runtime API, version 2018-06-01, over one connection that is kept: a library would double a cold start. */
final class RuntimeApi {
    record Answer(int status, Map<String, String> headers, byte[] body) {}

    private final String address;
    private final Socket socket;
    private final InputStream input;

    RuntimeApi(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        this.address = address;
        socket = new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
        socket.setTcpNoDelay(true);
        input = new BufferedInputStream(socket.getInputStream(), 65536);
    }

    /** Waits for the next event. */
    Answer next() throws IOException {
        return send("GET", "invocation/next", new byte[0], Map.of());
    }

    void respond(Answer event, byte[] body) throws IOException {
        Answer answer = post(event, "response", body, null);
        if (answer.status != 202) {
            throw new IOException("Failed to post invocation response. Response code: " + answer.status);
        }
    }

    void fail(Answer event, byte[] error, String type) throws IOException {
        post(event, "error", error, type);
    }

    void failInit(byte[] error, String type) throws IOException {
        send("POST", "init/error", error, Map.of("Lambda-Runtime-Function-Error-Type", type));
    }

    private Answer post(Answer event, String what, byte[] body, String type) throws IOException {
        Map<String, String> headers = new HashMap<>();
        if (type != null) headers.put("Lambda-Runtime-Function-Error-Type", type);
        String invocation = event.headers.get("lambda-runtime-invocation-id");
        if (invocation != null) headers.put("Lambda-Runtime-Invocation-Id", invocation);
        String id = event.headers.get("lambda-runtime-aws-request-id");
        return send("POST", "invocation/" + id + "/" + what, body, headers);
    }

    private Answer send(String method, String path, byte[] body, Map<String, String> headers) throws IOException {
        StringBuilder head = new StringBuilder(method + " /2018-06-01/runtime/" + path + " HTTP/1.1\r\n");
        head.append("Host: ").append(address).append("\r\nContent-Type: application/json\r\n");
        head.append("Content-Length: ").append(body.length).append("\r\n");
        headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        byte[] start = head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
        byte[] request = new byte[start.length + body.length]; // one write: no packet waits for another
        System.arraycopy(start, 0, request, 0, start.length);
        System.arraycopy(body, 0, request, start.length, body.length);
        socket.getOutputStream().write(request);
        return receive();
    }

    private Answer receive() throws IOException {
        int status = Integer.parseInt(line().split(" ", 3)[1]);
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon).toLowerCase(), line.substring(colon + 1).strip());
        }
        byte[] body = new byte[Integer.parseInt(headers.getOrDefault("content-length", "0"))];
        if (input.readNBytes(body, 0, body.length) < body.length) throw new EOFException("the Runtime API is gone");
        return new Answer(status, headers, body);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int read = input.read(); read != '\n'; read = input.read()) {
            if (read < 0) throw new EOFException("the Runtime API is gone");
            if (read != '\r') line.append((char) read);
        }
        return line.toString();
    }
}
