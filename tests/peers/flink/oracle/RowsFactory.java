import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.legacy.table.connector.source.SourceFunctionProvider;
import org.apache.flink.streaming.api.functions.source.legacy.RichSourceFunction;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.DataType;
import org.apache.flink.types.RowKind;

/**
 * The connector "weir-rows": the rows of a file, a line each, a change kind and what the format
 * decodes ("-D {…}"), read by one subtask in order. A watermark follows every row where
 * pipeline.auto-watermark-interval is 0. "blocks" puts the tables of a folder in order: it gives for each block of
 * their input how many rows of this table are read up to its end. A table that is written to is a {@link RowsSink}, without format.
 */
public final class RowsFactory implements DynamicTableSourceFactory, DynamicTableSinkFactory {
    private static final ConfigOption<String> PATH = ConfigOptions.key("path").stringType().noDefaultValue();
    private static final ConfigOption<String> CHANGELOG = ConfigOptions.key("changelog").stringType().defaultValue("false");
    private static final ConfigOption<List<Integer>> BLOCKS =
            ConfigOptions.key("blocks").intType().asList().defaultValues();

    @Override
    public String factoryIdentifier() {
        return "weir-rows";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(PATH);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of(FactoryUtil.FORMAT, CHANGELOG, BLOCKS);
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        DecodingFormat<DeserializationSchema<RowData>> format =
                helper.discoverDecodingFormat(DeserializationFormatFactory.class, FactoryUtil.FORMAT);
        helper.validate();
        return new RowsSource(helper.getOptions().get(PATH), helper.getOptions().get(CHANGELOG),
                helper.getOptions().get(BLOCKS), format, context.getPhysicalRowDataType());
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        helper.validate();
        return new RowsSink(helper.getOptions().get(PATH), context);
    }

    private static final class RowsSource implements ScanTableSource {
        private final String path;
        private final String changelog;
        private final List<Integer> blocks;
        private final DecodingFormat<DeserializationSchema<RowData>> format;
        private final DataType type;

        RowsSource(String path, String changelog, List<Integer> blocks,
                DecodingFormat<DeserializationSchema<RowData>> format, DataType type) {
            this.path = path;
            this.changelog = changelog;
            this.blocks = blocks;
            this.format = format;
            this.type = type;
        }

        @Override
        public ChangelogMode getChangelogMode() {
            return switch (changelog) {
                case "upsert" -> ChangelogMode.upsert();
                case "true" -> ChangelogMode.all();
                default -> ChangelogMode.insertOnly();
            };
        }

        @Override
        public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
            return SourceFunctionProvider.of(new Rows(path, blocks, format.createRuntimeDecoder(context, type)), true, 1);
        }

        @Override
        public DynamicTableSource copy() {
            return new RowsSource(path, changelog, blocks, format, type);
        }

        @Override
        public String asSummaryString() {
            return "weir-rows " + path;
        }
    }

    private static final class Rows extends RichSourceFunction<RowData> {
        private final String path;
        private final List<Integer> blocks;
        private final DeserializationSchema<RowData> decoder;

        Rows(String path, List<Integer> blocks, DeserializationSchema<RowData> decoder) {
            this.path = path;
            this.blocks = new ArrayList<>(blocks);
            this.decoder = decoder;
        }

        @Override
        public void run(SourceContext<RowData> out) throws Exception {
            decoder.open(new DeserializationSchema.InitializationContext() {
                @Override
                public org.apache.flink.metrics.MetricGroup getMetricGroup() {
                    return getRuntimeContext().getMetricGroup();
                }

                @Override
                public org.apache.flink.util.UserCodeClassLoader getUserCodeClassLoader() {
                    return null;
                }
            });
            List<String> lines = Files.readAllLines(Path.of(path));
            Turns turns = Turns.in(Path.of(path).getParent().toString());
            int next = 0;
            for (int i = 0; i < blocks.size(); i++) {
                if (blocks.get(i) > next) {
                    turns.await(i);
                    give(lines.subList(next, blocks.get(i)), out);
                    turns.end(getRuntimeContext().getJobInfo().getJobId());
                    next = blocks.get(i);
                }
            }
            turns.await(blocks.size());
            give(lines.subList(next, lines.size()), out);
        }

        private void give(List<String> lines, SourceContext<RowData> out) throws Exception {
            for (String line : lines) {
                RowData row = decoder.deserialize(line.substring(3).getBytes(java.nio.charset.StandardCharsets.UTF_8));
                row.setRowKind(kind(line.substring(0, 2)));
                out.collect(row);
            }
        }

        @Override
        public void cancel() {}
    }

    private static RowKind kind(String s) {
        for (RowKind k : RowKind.values()) {
            if (k.shortString().equals(s)) {
                return k;
            }
        }
        throw new IllegalArgumentException("no change kind: " + s);
    }
}
