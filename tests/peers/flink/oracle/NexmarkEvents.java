import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.data.binary.BinaryStringData;

/**
 * The events of Weir's connector "nexmark" with its default options and seed 0, value for value: see
 * connectors/nexmark for what they mean. Texts are views into pools, as there, so that making them costs
 * next to nothing.
 */
final class NexmarkEvents {
    static final int ROUND = 50; // events: 1 person, 3 auctions, 46 bids
    static final int AUCTIONS = 3;
    static final int FIRST_AUCTION = 1;
    static final int FIRST_BID = 4;
    private static final long RATE = 10_000;
    private static final long BASE_TIME = 1436918400000L;
    private static final int HOT_BATCH = 100;
    private static final int ID_LEAD = 10;
    private static final int IN_FLIGHT = 100;
    private static final int ACTIVE = 1000;

    private final NexmarkTexts texts = new NexmarkTexts(0);
    private final long key = NexmarkTexts.mix(NexmarkTexts.GOLDEN);
    private final long[] prices = new long[1025];

    NexmarkEvents() {
        for (int i = 0; i < prices.length; i++) {
            prices[i] = Math.round(100 * Math.pow(10, 6 * (double) i / 1024));
        }
    }

    /** Makes field f of event n, whose kind is that of the table. */
    Object field(String table, int f, long n) {
        switch (table) {
            case "person": return person(f, n);
            case "auction": return auction(f, n);
            default: return bid(f, n);
        }
    }

    private long draw(long event, int slot) {
        return NexmarkTexts.mix(key + (event << 4 | slot) * NexmarkTexts.GOLDEN);
    }

    private static long pick(long r, long n) {
        return NexmarkTexts.pick(r, n);
    }

    private static long pickHigh(long r, long n) {
        return (r >>> 32) * n >>> 32;
    }

    private static long millis(long event) {
        return BASE_TIME + event / RATE * 1000 + event % RATE * 1000 / RATE;
    }

    private static TimestampData time(long event) {
        return TimestampData.fromEpochMillis(millis(event));
    }

    private long price(long r) {
        int i = (int) (r >>> 54);
        return prices[i] + ((prices[i + 1] - prices[i]) * (r >>> 32 & (1 << 22) - 1) >> 22);
    }

    private static long activePerson(long newest, long r) {
        long people = newest + 1;
        long active = Math.min(people, ACTIVE);
        return people - active + pick(r, active + ID_LEAD);
    }

    private StringData extra(long size, long used, long r) {
        long rest = size - used;
        long delta = rest <= 0 ? 0 : (rest * 2 + 5) / 10;
        long least = Math.max(rest, 0) - delta;
        return cut(texts.letters, (int) (r >>> 32 & (1 << NexmarkTexts.POOL_BITS) - 1), (int) (least + pick(r, 2 * delta)));
    }

    private static StringData cut(byte[] pool, int offset, int length) {
        return BinaryStringData.fromBytes(pool, offset, length);
    }

    /** The offset of a phrase in the upper half, its length in the lower. */
    private long phrase(long r, int longest) {
        int offset = (int) (r >>> 32 & (1 << NexmarkTexts.POOL_BITS) - 1);
        int length = (int) (3 + pick(r, longest - 3));
        while (length > 0 && texts.phrases[offset] == ' ') {
            offset++;
            length--;
        }
        while (length > 0 && texts.phrases[offset + length - 1] == ' ') {
            length--;
        }
        return (long) offset << 32 | length;
    }

    private StringData phraseText(long r, int longest) {
        long p = phrase(r, longest);
        return cut(texts.phrases, (int) (p >>> 32), (int) p);
    }

    private Object bid(int f, long n) {
        long person = n / ROUND;
        long auction = n / ROUND * AUCTIONS + AUCTIONS - 1;
        switch (f) {
            case 0: {
                long d = draw(n, 0);
                if (pickHigh(d, 2) != 0) {
                    return 1000 + auction / HOT_BATCH * HOT_BATCH;
                }
                long oldest = Math.max(auction - IN_FLIGHT, 0);
                return 1000 + oldest + pick(d, auction - oldest + 1 + ID_LEAD);
            }
            case 1: {
                long d = draw(n, 1);
                return 1000 + (pickHigh(d, 4) != 0 ? person / HOT_BATCH * HOT_BATCH + 1 : activePerson(person, d));
            }
            case 2: return price(draw(n, 2));
            case 3: return texts.channels.get(channel(n));
            case 4: return texts.urls.get(channel(n));
            case 5: return time(n);
            default: return extra(100, 32, draw(n, 4));
        }
    }

    private int channel(long n) {
        long d = draw(n, 3);
        return d >= 0 ? (int) pick(d, 4) : 4 + (int) pick(d, 10000);
    }

    private Object auction(int f, long n) {
        long person = n / ROUND;
        switch (f) {
            case 0: return 1000 + n / ROUND * AUCTIONS + n % ROUND - FIRST_AUCTION;
            case 1: return phraseText(draw(n, 5), 20);
            case 2: return phraseText(draw(n, 6), 100);
            case 3: return price(draw(n, 2));
            case 4: return price(draw(n, 2)) + price(draw(n, 3));
            case 5: return time(n);
            case 6: {
                long ahead = (long) IN_FLIGHT * ROUND / AUCTIONS;
                long now = millis(n);
                return TimestampData.fromEpochMillis(now + 1 + pick(draw(n, 4), Math.max(2 * (millis(n + ahead) - now), 1)));
            }
            case 7: {
                long d = draw(n, 0);
                return 1000 + (pickHigh(d, 4) != 0 ? person / HOT_BATCH * HOT_BATCH : activePerson(person, d));
            }
            case 8: return 10 + pick(draw(n, 1), 5);
            default: return extra(500, 48 + (int) phrase(draw(n, 5), 20) + (int) phrase(draw(n, 6), 100), draw(n, 7));
        }
    }

    private Object person(int f, long n) {
        switch (f) {
            case 0: return 1000 + n / ROUND;
            case 1: return name(n);
            case 2: return StringData.fromString(email(n));
            case 3: return card(n);
            case 4: return city(n);
            case 5: return state(n);
            case 6: return time(n);
            default:
                return extra(200, 8 + 19 + name(n).toString().length() + city(n).toString().length()
                        + state(n).toString().length() + email(n).length(), draw(n, 5));
        }
    }

    private StringData name(long n) {
        return texts.people.get((int) pick(draw(n, 0), texts.people.size()));
    }

    private StringData city(long n) {
        return texts.cities.get((int) pick(draw(n, 4), texts.cities.size()));
    }

    private StringData state(long n) {
        return texts.states.get((int) pickHigh(draw(n, 4), texts.states.size()));
    }

    private String email(long n) {
        return phraseText(draw(n, 1), 7) + "@" + phraseText(draw(n, 2), 5) + ".com";
    }

    private StringData card(long n) {
        long d = draw(n, 3);
        byte[] text = new byte[19];
        for (int i = 0; i < text.length; i++) {
            if (i % 5 == 4) {
                text[i] = ' ';
                continue;
            }
            text[i] = (byte) ('0' + Long.remainderUnsigned(d, 10));
            d = Long.divideUnsigned(d, 10);
        }
        return StringData.fromBytes(text);
    }

    /** Pools and dictionaries. */
    private static final class NexmarkTexts {
        static final long GOLDEN = 0x9e3779b97f4a7c15L;
        static final int POOL_BITS = 17;
        private static final String[] FIRST = {"Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"};
        private static final String[] LAST = {"Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"};
        private static final String[] CITIES = {"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"};
        private static final String[] STATES = {"AZ", "CA", "ID", "OR", "WA", "WY"};

        final byte[] phrases = new byte[(1 << POOL_BITS) + 100];
        final byte[] letters = new byte[(1 << POOL_BITS) + 626];
        final List<StringData> people = new ArrayList<>();
        final List<StringData> cities = new ArrayList<>();
        final List<StringData> states = new ArrayList<>();
        final List<StringData> channels = new ArrayList<>();
        final List<StringData> urls = new ArrayList<>();
        private long state;

        NexmarkTexts(long seed) {
            state = seed ^ 0x6e65786d61726bL;
            for (int i = 0; i < phrases.length; i++) {
                phrases[i] = (byte) phraseChar(' ');
            }
            for (String first : FIRST) {
                for (String last : LAST) {
                    people.add(text(first + " " + last));
                }
            }
            for (String c : CITIES) {
                cities.add(text(c));
            }
            for (String s : STATES) {
                states.add(text(s));
            }
            for (String c : new String[] {"Google", "Facebook", "Baidu", "Apple"}) {
                channels.add(text(c));
                urls.add(text(baseUrl()));
            }
            for (int i = 0; i < 10000; i++) {
                channels.add(text("channel-" + i));
                String url = baseUrl();
                if (pick(next(), 10) > 0) {
                    url += "&channel_id=" + Math.abs((long) Integer.reverse(i));
                }
                urls.add(text(url));
            }
            for (int i = 0; i < letters.length; i++) {
                letters[i] = (byte) ('a' + pick(next(), 26));
            }
        }

        static long mix(long x) {
            x = (x ^ x >>> 30) * 0xbf58476d1ce4e5b9L;
            x = (x ^ x >>> 27) * 0x94d049bb133111ebL;
            return x ^ x >>> 31;
        }

        static long pick(long r, long n) {
            return (r & 0xffffffffL) * n >>> 32;
        }

        private long next() {
            state += GOLDEN;
            return mix(state);
        }

        private char phraseChar(char space) {
            return pick(next(), 13) == 0 ? space : (char) ('a' + pick(next(), 26));
        }

        private String baseUrl() {
            StringBuilder url = new StringBuilder("https://www.nexmark.com/");
            for (int i = 0; i < 3; i++) {
                for (long n = 3 + pick(next(), 2); n > 0; n--) {
                    url.append(phraseChar('_'));
                }
                url.append('/');
            }
            return url.append("item.htm?query=1").toString();
        }

        private static StringData text(String s) {
            return BinaryStringData.fromBytes(s.getBytes(StandardCharsets.UTF_8));
        }
    }
}
