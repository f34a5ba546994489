import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.ExplainDetail;
import org.apache.flink.table.api.ResultKind;
import org.apache.flink.table.api.TableDescriptor;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/**
 * A Flink cluster in one JVM that answers SQL over HTTP, so that many small scripts are run without
 * starting Flink for each.
 *
 * <p>POST /run takes statements separated by lines that hold only ";;" and runs them in a new session. The
 * answer is a line for each thing that came out of the last query: "columns" and a JSON array of names with
 * types, "row", its change kind and a JSON array of values, or "error" and a JSON string. Fields are
 * separated by tabs. Lines that begin with "set " in front of the first statement are session settings,
 * "set key=value". POST /plan takes the same and runs all but the last statement, a query or an INSERT, which it explains:
 * the answer is a line "plan" and a JSON string, the plan with the kinds of changes that every operator gives. What a
 * query gives goes to a sink that takes all kinds.
 */
public final class Oracle {
    public static void main(String[] args) throws Exception {
        int slots = Integer.parseInt(System.getProperty("oracle.slots", "8"));
        Configuration conf = new Configuration();
        conf.set(RestOptions.PORT, 0);
        conf.set(RestOptions.ADDRESS, "127.0.0.1");
        conf.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        conf.set(TaskManagerOptions.NUM_TASK_SLOTS, slots);
        conf.setString("taskmanager.memory.managed.size", System.getProperty("oracle.managed", "128mb"));
        // A busy machine must not look like a dead one.
        conf.setString("heartbeat.timeout", "10 min");
        conf.setString("slot.request.timeout", "10 min");
        conf.setString("taskmanager.memory.network.min", "128mb");
        conf.setString("taskmanager.memory.network.max", "128mb");
        // On a busy machine nothing may answer for a minute; that must not count as a lost task manager.
        conf.setString("heartbeat.timeout", "10 min");
        conf.setString("pekko.ask.timeout", "10 min");
        conf.setString("web.timeout", "600000");
        conf.setString("task.cancellation.timeout", "0");
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(conf).setNumTaskManagers(1).setNumSlotsPerTaskManager(slots).build());
        cluster.start();
        Turns.of(cluster);
        int flink = cluster.getRestAddress().get().getPort();

        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"),
                Integer.parseInt(System.getProperty("oracle.port", "0"))), 0);
        server.setExecutor(Executors.newFixedThreadPool(Math.max(1, slots / 4)));
        server.createContext("/run", exchange -> answer(exchange, flink, false));
        server.createContext("/plan", exchange -> answer(exchange, flink, true));
        server.createContext("/gc", Oracle::collectGarbage);
        server.start();
        System.out.println("oracle listening on " + server.getAddress().getPort());
        while (System.in.read() >= 0) {
            // The parent closes standard input when it goes.
        }
        System.exit(0);
    }

    private static void answer(HttpExchange exchange, int flink, boolean explain) throws IOException {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        try {
            run(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8), flink, explain, out);
        } catch (Throwable t) {
            out.println("error\t" + Json.quote(message(t)));
        }
        byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** Makes memory that is measured afterwards that of the next script. */
    private static void collectGarbage(HttpExchange exchange) throws IOException {
        System.gc();
        exchange.sendResponseHeaders(204, -1);
        exchange.close();
    }

    private static void run(String script, int flink, boolean explain, PrintWriter out) throws Exception {
        Configuration conf = new Configuration();
        conf.setString("execution.target", "remote");
        conf.setString("rest.address", "127.0.0.1");
        conf.setString("rest.port", Integer.toString(flink));
        conf.setString("parallelism.default", "1");
        conf.setString("pipeline.auto-watermark-interval", "0 ms");
        conf.setString("table.dml-sync", "true");
        conf.setString("client.timeout", "10 min");
        while (script.startsWith("set ")) {
            int end = script.indexOf('\n');
            String line = script.substring(4, end);
            conf.setString(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
            script = script.substring(end + 1);
        }
        TableEnvironment env = TableEnvironment.create(
                EnvironmentSettings.newInstance().withConfiguration(conf).inStreamingMode().build());
        String[] statements = script.split("\n;;\n");
        for (int i = 0; i < statements.length; i++) {
            String statement = statements[i];
            if (statement.isBlank()) {
                continue;
            }
            if (explain && i == statements.length - 1) {
                out.println("plan\t" + Json.quote(plan(env, statement)));
                return;
            }
            TableResult result = env.executeSql(statement);
            if (result.getResultKind() == ResultKind.SUCCESS_WITH_CONTENT) {
                print(env, result, out);
            }
        }
    }

    private static String plan(TableEnvironment env, String statement) {
        if (statement.startsWith("INSERT") || statement.startsWith("EXECUTE STATEMENT SET")) {
            return env.explainSql(statement, ExplainDetail.CHANGELOG_MODE);
        }
        TableDescriptor all = TableDescriptor.forConnector("weir-rows").option("path", "none").build();
        return env.sqlQuery(statement).insertInto(all).explain(ExplainDetail.CHANGELOG_MODE);
    }

    private static void print(TableEnvironment env, TableResult result, PrintWriter out) throws Exception {
        List<Column> columns = result.getResolvedSchema().getColumns();
        StringBuilder header = new StringBuilder("[");
        for (Column c : columns) {
            header.append(header.length() > 1 ? "," : "")
                    .append(Json.quote(c.getName() + " " + c.getDataType().getLogicalType().asSummaryString()));
        }
        out.println("columns\t" + header + "]");
        Json json = new Json(env.getConfig().getLocalTimeZone());
        List<LogicalType> types = columns.stream().map(c -> c.getDataType().getLogicalType()).toList();
        try (CloseableIterator<Row> rows = result.collect()) {
            while (rows.hasNext()) {
                printRow(rows.next(), types, json, out);
            }
        }
    }

    /** Prints a line "row", its change kind and a JSON array of its values. */
    static void printRow(Row row, List<LogicalType> types, Json json, PrintWriter out) {
        StringBuilder line = new StringBuilder("[");
        for (int i = 0; i < row.getArity(); i++) {
            line.append(i > 0 ? "," : "");
            json.append(line, row.getField(i), types.get(i));
        }
        out.println("row\t" + row.getKind().shortString() + "\t" + line + "]");
    }

    /** The chain of messages, outermost first, repeats left out. */
    private static String message(Throwable t) {
        StringBuilder b = new StringBuilder();
        for (; t != null; t = t.getCause()) {
            String m = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
            if (b.indexOf(m) < 0) {
                b.append(b.length() > 0 ? "\n" : "").append(m);
            }
        }
        return b.toString();
    }
}
