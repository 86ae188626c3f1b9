// SPDX-License-Identifier: GPL-3.0-or-later
// Runs Kafka's command line tools one after another in one JVM, so that each does not pay for
// starting its own. Reads one JSON request per line from stdin ({main, args, stdin}) and writes
// one JSON answer per line ({exit, out, err}). Ends with stdin.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Exit;

public class ToolServer {
    /** Thrown where a tool wants to end the process. */
    private static final class ExitRequest extends Error {
        ExitRequest(int code) {
            super("exit " + code, null, false, false);
        }
    }

    /** Replaces stdout or stderr; remembers how much was printed when the tool first asked to end
     * (tools catch that request like any error, print it, and ask to end again). */
    private static final class Capture {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int length = -1;

        void freeze() {
            stream.flush();
            if (length < 0) {
                length = bytes.size();
            }
        }

        String text() {
            freeze();
            return new String(bytes.toByteArray(), 0, length, StandardCharsets.UTF_8);
        }
    }

    private static Capture out = new Capture();
    private static Capture err = new Capture();
    private static Integer firstCode;
    private static final List<Runnable> HOOKS = new ArrayList<>();

    /** What a tool wanted done when its process ends (the producer's last flush, for one). */
    private static void runHooks() throws InterruptedException {
        for (Runnable hook : HOOKS) {
            Thread thread = new Thread(hook);
            thread.setDaemon(true);
            thread.start();
            thread.join(20_000);
        }
        HOOKS.clear();
    }

    private static void end(int code, String message) {
        if (firstCode == null) {
            if (message != null) {
                System.err.println(message);
            }
            firstCode = code;
            out.freeze();
            err.freeze();
        }
        throw new ExitRequest(code);
    }

    private static int run(String main, String[] args) throws Exception {
        try {
            Class.forName(main).getMethod("main", String[].class).invoke(null, (Object) args);
            return firstCode == null ? 0 : firstCode;
        } catch (InvocationTargetException wrapped) {
            Throwable cause = wrapped.getCause();
            if (firstCode != null) {
                return firstCode;
            }
            cause.printStackTrace();
            return 1;
        }
    }

    public static void main(String[] arguments) throws Exception {
        Exit.setExitProcedure(ToolServer::end);
        Exit.setHaltProcedure(ToolServer::end);
        Exit.setShutdownHookAdder((name, hook) -> HOOKS.add(hook));
        PrintStream answers = System.out;
        PrintStream errors = System.err;
        ObjectMapper json = new ObjectMapper();
        BufferedReader requests =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            JsonNode request = json.readTree(line);
            String[] args = json.convertValue(request.get("args"), String[].class);
            out = new Capture();
            err = new Capture();
            firstCode = null;
            System.setIn(new ByteArrayInputStream(
                request.get("stdin").asText().getBytes(StandardCharsets.UTF_8)));
            System.setOut(out.stream);
            System.setErr(err.stream);
            int code = run(request.get("main").asText(), args);
            runHooks();
            System.setErr(errors);
            answers.println(json.writeValueAsString(Map.of("exit", code,
                "out", out.text(), "err", err.text())));
            answers.flush();
        }
    }
}
