import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;
import org.apache.flink.types.Row;

/** Writes values as Weir's command line does with -o json. */
final class Json {
    private final ZoneId zone;

    Json(ZoneId zone) {
        this.zone = zone;
    }

    void append(StringBuilder out, Object value, LogicalType type) {
        if (value == null) {
            out.append("null");
            return;
        }
        switch (type.getTypeRoot()) {
            case BOOLEAN: case TINYINT: case SMALLINT: case INTEGER: case BIGINT:
                out.append(value);
                return;
            case DECIMAL:
                out.append(((BigDecimal) value).toPlainString());
                return;
            case FLOAT: case DOUBLE:
                double d = ((Number) value).doubleValue();
                out.append(Double.isNaN(d) || Double.isInfinite(d) ? quote(value.toString()) : value.toString());
                return;
            case BINARY: case VARBINARY:
                out.append(quote(Base64.getEncoder().encodeToString((byte[]) value)));
                return;
            case TIMESTAMP_WITHOUT_TIME_ZONE:
                out.append(quote(timestamp((LocalDateTime) value, LogicalTypeChecks.getPrecision(type))));
                return;
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE:
                out.append(quote(timestamp(((Instant) value).atZone(zone).toLocalDateTime(), LogicalTypeChecks.getPrecision(type))));
                return;
            case DATE:
                out.append(quote(((LocalDate) value).toString()));
                return;
            case TIME_WITHOUT_TIME_ZONE:
                out.append(quote(DateTimeFormatter.ofPattern("HH:mm:ss").format((LocalTime) value)));
                return;
            case INTERVAL_YEAR_MONTH:
                long months = ((Period) value).toTotalMonths();
                out.append(months);
                return;
            case INTERVAL_DAY_TIME:
                out.append(((Duration) value).toMillis());
                return;
            default:
                nested(out, value, type);
        }
    }

    private void nested(StringBuilder out, Object value, LogicalType type) {
        List<LogicalType> children = type.getChildren();
        if (value instanceof Row) {
            List<String> names = LogicalTypeChecks.getFieldNames(type);
            Row row = (Row) value;
            out.append('{');
            for (int i = 0; i < row.getArity(); i++) {
                out.append(i > 0 ? "," : "").append(quote(names.get(i))).append(':');
                append(out, row.getField(i), children.get(i));
            }
            out.append('}');
        } else if (value instanceof Map) {
            out.append('{');
            String comma = "";
            for (Map.Entry<?, ?> e : ((Map<?, ?>) value).entrySet()) {
                StringBuilder key = new StringBuilder();
                append(key, e.getKey(), children.get(0));
                out.append(comma).append(key.charAt(0) == '"' ? key : quote(key.toString())).append(':');
                if (children.size() > 1) {
                    append(out, e.getValue(), children.get(1));
                } else {
                    out.append(e.getValue());
                }
                comma = ",";
            }
            out.append('}');
        } else if (value.getClass().isArray()) {
            out.append('[');
            for (int i = 0; i < java.lang.reflect.Array.getLength(value); i++) {
                out.append(i > 0 ? "," : "");
                append(out, java.lang.reflect.Array.get(value, i), children.get(0));
            }
            out.append(']');
        } else {
            out.append(quote(value.toString()));
        }
    }

    private static String timestamp(LocalDateTime t, int precision) {
        String s = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").format(t);
        if (precision > 0) {
            s += "." + String.format("%09d", t.getNano()).substring(0, precision);
        }
        return s;
    }

    static String quote(String s) {
        StringBuilder b = new StringBuilder("\"");
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '"' || c == '\\') {
                b.append('\\').append(c);
            } else if (c < 0x20) {
                b.append(String.format("\\u%04x", (int) c));
            } else {
                b.append(c);
            }
        }
        return b.append('"').toString();
    }
}
