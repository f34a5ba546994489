import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.functions.sink.legacy.RichSinkFunction;
import org.apache.flink.table.api.config.TableConfigOptions;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.legacy.SinkFunctionProvider;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.types.DataType;
import org.apache.flink.types.Row;

/**
 * A table of the connector "weir-rows" that is written to, by one subtask: its file is written as the oracle answers a query,
 * with a line "key" and a JSON array of the primary key's column numbers in front where there is one. Updates of a table with a primary key
 * come by key, without -U.
 */
final class RowsSink implements DynamicTableSink {
    private final String path;
    private final DataType type;
    private final String head;
    private final boolean keyed;
    private final ZoneId zone;

    RowsSink(String path, DynamicTableFactory.Context context) {
        this(path, context.getPhysicalRowDataType(), head(context), context.getPrimaryKeyIndexes().length > 0,
                zone(context.getConfiguration()));
    }

    private RowsSink(String path, DataType type, String head, boolean keyed, ZoneId zone) {
        this.path = path;
        this.type = type;
        this.head = head;
        this.keyed = keyed;
        this.zone = zone;
    }

    private static String head(DynamicTableFactory.Context context) {
        List<String> names = DataType.getFieldNames(context.getPhysicalRowDataType());
        List<DataType> types = DataType.getFieldDataTypes(context.getPhysicalRowDataType());
        StringBuilder columns = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            columns.append(i > 0 ? "," : "").append(Json.quote(names.get(i) + " " + types.get(i).getLogicalType().asSummaryString()));
        }
        int[] key = context.getPrimaryKeyIndexes();
        return (key.length > 0 ? "key\t" + Arrays.toString(key) + "\n" : "") + "columns\t[" + columns + "]\n";
    }

    private static ZoneId zone(ReadableConfig config) {
        String zone = config.get(TableConfigOptions.LOCAL_TIME_ZONE);
        return zone.equals(TableConfigOptions.LOCAL_TIME_ZONE.defaultValue()) ? ZoneId.systemDefault() : ZoneId.of(zone);
    }

    @Override
    public ChangelogMode getChangelogMode(ChangelogMode requested) {
        return keyed ? ChangelogMode.upsert(false) : ChangelogMode.all();
    }

    @Override
    public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
        return SinkFunctionProvider.of(new Rows(path, head, context.createDataStructureConverter(type), type, zone));
    }

    @Override
    public DynamicTableSink copy() {
        return new RowsSink(path, type, head, keyed, zone);
    }

    @Override
    public String asSummaryString() {
        return "weir-rows " + path;
    }

    private static final class Rows extends RichSinkFunction<RowData> {
        private final String path;
        private final String head;
        private final DataStructureConverter converter;
        private final DataType type;
        private final ZoneId zone;
        private transient PrintWriter out;

        Rows(String path, String head, DataStructureConverter converter, DataType type, ZoneId zone) {
            this.path = path;
            this.head = head;
            this.converter = converter;
            this.type = type;
            this.zone = zone;
        }

        @Override
        public void open(org.apache.flink.api.common.functions.OpenContext context) throws IOException {
            out = new PrintWriter(path, StandardCharsets.UTF_8);
            out.print(head);
        }

        @Override
        public void invoke(RowData value, Context context) {
            Oracle.printRow((Row) converter.toExternal(value), type.getLogicalType().getChildren(), new Json(zone), out);
        }

        @Override
        public void close() {
            if (out != null) {
                out.close();
            }
        }
    }
}
