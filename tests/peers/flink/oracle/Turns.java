import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.CheckpointType;
import org.apache.flink.runtime.checkpoint.CheckpointException;
import org.apache.flink.runtime.checkpoint.CheckpointFailureReason;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.util.ExceptionUtils;

/**
 * The order of the blocks of a script's input: rows of one table that are read whole, and all that follows from
 * them is done, before those of the next begin. It is done when a checkpoint is complete, for its barrier goes
 * through every operator behind those rows.
 */
final class Turns {
    private static final Map<String, Turns> ALL = new ConcurrentHashMap<>();
    private static volatile MiniCluster cluster;

    private int done; // blocks

    private Turns() {}

    /** Says where jobs run. */
    static void of(MiniCluster c) {
        cluster = c;
    }

    /** The turns of the tables whose files are in a folder. */
    static Turns in(String folder) {
        return ALL.computeIfAbsent(folder, f -> new Turns());
    }

    /** Waits until so many blocks are done. */
    synchronized void await(int blocks) throws InterruptedException {
        while (done < blocks) {
            wait();
        }
    }

    /** Ends the turn of the table that has given a block. */
    void end(JobID job) throws Exception {
        while (!checkpoint(job)) {
            Thread.sleep(5);
        }
        synchronized (this) {
            done++;
            notifyAll();
        }
    }

    /** Takes a checkpoint; false where some task has not started yet. */
    private static boolean checkpoint(JobID job) throws Exception {
        try {
            cluster.triggerCheckpoint(job, CheckpointType.FULL).get();
            return true;
        } catch (ExecutionException e) {
            CheckpointException c = ExceptionUtils.findThrowable(e, CheckpointException.class).orElseThrow(() -> e);
            if (c.getCheckpointFailureReason() != CheckpointFailureReason.NOT_ALL_REQUIRED_TASKS_RUNNING) {
                throw c;
            }
            return false;
        }
    }
}
