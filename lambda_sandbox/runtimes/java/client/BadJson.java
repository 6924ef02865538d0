package sandboxclient;

import java.io.IOException;

/** Text that is not JSON, or JSON that does not fit a type. */
final class BadJson extends IOException {
    BadJson(String message) {
        super(message);
    }
}
