import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.legacy.table.connector.source.SourceFunctionProvider;
import org.apache.flink.streaming.api.functions.source.legacy.RichParallelSourceFunction;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.abilities.SupportsProjectionPushDown;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.DataType;

/**
 * The connector "weir-nexmark": the rows of Weir's connector "nexmark" for one table, its columns in that
 * order. Columns that a query does not read are not made, as in Weir. Blocks of events go to the subtasks in
 * turns, so that all go through event time together.
 */
public final class NexmarkFactory implements DynamicTableSourceFactory {
    private static final ConfigOption<String> TABLE = ConfigOptions.key("table").stringType().noDefaultValue();
    private static final ConfigOption<Long> EVENTS = ConfigOptions.key("events.num").longType().noDefaultValue();
    private static final int BLOCK_ROWS = 4096;

    @Override
    public String factoryIdentifier() {
        return "weir-nexmark";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(TABLE, EVENTS);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of();
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        helper.validate();
        int columns = DataType.getFieldCount(context.getPhysicalRowDataType());
        int[] fields = new int[columns];
        for (int i = 0; i < columns; i++) {
            fields[i] = i;
        }
        return new Source(helper.getOptions().get(TABLE), helper.getOptions().get(EVENTS), fields);
    }

    private static final class Source implements ScanTableSource, SupportsProjectionPushDown {
        private final String table;
        private final long events;
        private int[] fields;

        Source(String table, long events, int[] fields) {
            this.table = table;
            this.events = events;
            this.fields = fields;
        }

        @Override
        public ChangelogMode getChangelogMode() {
            return ChangelogMode.insertOnly();
        }

        @Override
        public boolean supportsNestedProjection() {
            return false;
        }

        @Override
        public void applyProjection(int[][] projected, DataType type) {
            fields = new int[projected.length];
            for (int i = 0; i < projected.length; i++) {
                fields[i] = projected[i][0];
            }
        }

        @Override
        public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
            return SourceFunctionProvider.of(new Generator(table, events, fields), true);
        }

        @Override
        public DynamicTableSource copy() {
            return new Source(table, events, fields);
        }

        @Override
        public String asSummaryString() {
            return "weir-nexmark " + table;
        }
    }

    private static final class Generator extends RichParallelSourceFunction<RowData> {
        private static final List<String> TABLES = List.of("person", "auction", "bid");
        private static final int[] FIRST = {0, NexmarkEvents.FIRST_AUCTION, NexmarkEvents.FIRST_BID, NexmarkEvents.ROUND};

        private final String table;
        private final long events;
        private final int[] fields;
        private volatile boolean cancelled;

        Generator(String table, long events, int[] fields) {
            this.table = table;
            this.events = events;
            this.fields = fields;
        }

        @Override
        public void run(SourceContext<RowData> out) {
            int kind = TABLES.indexOf(table);
            int first = FIRST[kind];
            int end = FIRST[kind + 1];
            long block = (long) BLOCK_ROWS * NexmarkEvents.ROUND / (end - first);
            int tasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
            NexmarkEvents generator = new NexmarkEvents();
            long at = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() * block;
            for (; at < events && !cancelled; at += tasks * block) {
                for (long n = at; n < Math.min(at + block, events); n++) {
                    long place = n % NexmarkEvents.ROUND;
                    if (place < first || place >= end) {
                        continue;
                    }
                    GenericRowData row = new GenericRowData(fields.length);
                    for (int i = 0; i < fields.length; i++) {
                        row.setField(i, generator.field(table, fields[i], n));
                    }
                    out.collect(row);
                }
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }
}
