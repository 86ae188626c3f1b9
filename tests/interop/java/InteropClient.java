// SPDX-License-Identifier: GPL-3.0-or-later
// A small program on Kafka's Java client, compiled against 3.9 and 4.3 alike: makes a topic,
// produces with every codec and headers (idempotent, as is the default), consumes in a group of
// two, commits, seeks, and asks the admin client. Prints "ok" last; anything else is a failure.

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class InteropClient {
    private static final int PER_CODEC = 40;
    private static final String[] CODECS = {"none", "gzip", "snappy", "lz4", "zstd"};
    private final String bootstrap;
    private final String topic;
    private String group;

    private InteropClient(String bootstrap, String name) {
        this.bootstrap = bootstrap;
        this.topic = name;
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    private Properties properties(String... more) {
        Properties all = new Properties();
        all.put("bootstrap.servers", bootstrap);
        for (int index = 0; index < more.length; index += 2) {
            all.put(more[index], more[index + 1]);
        }
        return all;
    }

    private void createTopic(Admin admin) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 3, (short) 3)
            .configs(Map.of("retention.ms", "86400000")))).all().get();
        TopicDescription found = null;
        for (int round = 0; found == null; round++) {
            try {
                found = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            } catch (Exception error) {  // the broker asked may learn of the topic a moment later
                require(round < 100, "topic not described: " + error);
                Thread.sleep(20);
            }
        }
        require(found.partitions().size() == 3, "three partitions, got " + found);
        found.partitions().forEach(each -> require(each.replicas().size() == 3
            && each.leader() != null, "three replicas and a leader: " + each));
        require(admin.listTopics().names().get().contains(topic), "listed");
        require(admin.describeCluster().nodes().get().size() == 3, "three brokers");
    }

    /** Returns value -> "partition@offset" of everything acknowledged. */
    private Map<String, String> produce() throws Exception {
        Map<String, String> acked = new TreeMap<>();
        for (String codec : CODECS) {
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                    properties("compression.type", codec, "linger.ms", "5"),
                    new StringSerializer(), new StringSerializer())) {
                List<java.util.concurrent.Future<RecordMetadata>> futures = new ArrayList<>();
                List<String> values = new ArrayList<>();
                for (int index = 0; index < PER_CODEC; index++) {
                    String value = codec + "-" + index;
                    ProducerRecord<String, String> record =
                        new ProducerRecord<>(topic, null, 1_700_000_000_000L + acked.size() + index,
                            "key-" + index % 7, value);
                    record.headers().add("codec", codec.getBytes(StandardCharsets.UTF_8));
                    record.headers().add("nothing", null);
                    futures.add(producer.send(record));
                    values.add(value);
                }
                for (int index = 0; index < values.size(); index++) {
                    RecordMetadata where = futures.get(index).get();
                    acked.put(values.get(index), where.partition() + "@" + where.offset());
                }
            }
        }
        require(acked.size() == CODECS.length * PER_CODEC, "all acknowledged");
        return acked;
    }

    private KafkaConsumer<String, String> consumer(String assignor, String instance) {
        Properties all = properties("group.id", group, "auto.offset.reset", "earliest",
            "enable.auto.commit", "false", "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer." + assignor, "heartbeat.interval.ms", "300");
        if (instance != null) {
            all.put("group.instance.id", instance);
        }
        return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
    }

    private static void take(ConsumerRecord<String, String> record, Map<String, String> seen) {
        String codec = record.value().substring(0, record.value().indexOf('-'));
        require(new String(record.headers().lastHeader("codec").value(), StandardCharsets.UTF_8)
            .equals(codec), "header of " + record);
        require(record.headers().lastHeader("nothing").value() == null, "null header");
        require(record.key().startsWith("key-"), "key of " + record);
        require(seen.put(record.value(), record.partition() + "@" + record.offset()) == null,
            "read twice: " + record);
    }

    private void consumeInTwos(Admin admin, Map<String, String> acked, String label,
                               String assignor, boolean fixed) throws Exception {
        group = topic + "-" + label;
        Map<String, String> seen = new TreeMap<>();
        try (KafkaConsumer<String, String> one = consumer(assignor, fixed ? "one" : null);
             KafkaConsumer<String, String> two = consumer(assignor, fixed ? "two" : null)) {
            one.subscribe(List.of(topic));
            two.subscribe(List.of(topic));
            long deadline = System.nanoTime() + 40_000_000_000L;
            // Nothing is read before both own partitions, so the two must share the work.
            while (one.assignment().size() + two.assignment().size() < 3
                    || one.assignment().isEmpty() || two.assignment().isEmpty()) {
                for (KafkaConsumer<String, String> each : List.of(one, two)) {
                    each.pause(each.assignment());
                    each.poll(Duration.ofMillis(20)).forEach(record -> { });
                    each.seekToBeginning(each.assignment());
                }
                require(System.nanoTime() < deadline, "both members get partitions");
            }
            Set<TopicPartition> owned = new TreeSet<>((left, right) ->
                left.toString().compareTo(right.toString()));
            owned.addAll(one.assignment());
            owned.addAll(two.assignment());
            require(owned.size() == 3, "each partition has one owner: " + owned);
            describeGroup(admin, 2);
            for (KafkaConsumer<String, String> each : List.of(one, two)) {
                each.seekToBeginning(each.assignment());
                each.resume(each.assignment());
            }
            while (seen.size() < acked.size()) {
                one.poll(Duration.ofMillis(20)).forEach(record -> take(record, seen));
                two.poll(Duration.ofMillis(20)).forEach(record -> take(record, seen));
                require(System.nanoTime() < deadline, "read " + seen.size());
            }
            one.commitSync();
            two.commitSync();
        }
        require(seen.equals(acked), "read what was acknowledged, at its offsets");
        long committed = 0;
        Map<TopicPartition, OffsetAndMetadata> offsets =
            admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        for (OffsetAndMetadata each : offsets.values()) {
            committed += each.offset();
        }
        require(committed == acked.size(), "committed " + offsets);
    }

    private void describeGroup(Admin admin, int members) throws Exception {
        for (int round = 0; ; round++) {
            ConsumerGroupDescription found =
                admin.describeConsumerGroups(List.of(group)).all().get().get(group);
            int owned = found.members().stream()
                .mapToInt(each -> each.assignment().topicPartitions().size()).sum();
            if (found.members().size() == members && owned == 3) {
                break;
            }
            require(round < 200, "described " + found);
            Thread.sleep(20);
        }
        require(admin.listConsumerGroups().all().get().stream()
            .anyMatch(each -> each.groupId().equals(group)), "group listed");
    }

    private void seeks() {
        TopicPartition first = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> reader = new KafkaConsumer<>(
                properties("enable.auto.commit", "false"), new StringDeserializer(),
                new StringDeserializer())) {
            reader.assign(List.of(first));
            long end = reader.endOffsets(List.of(first)).get(first);
            require(reader.beginningOffsets(List.of(first)).get(first) == 0, "begins at 0");
            reader.seek(first, end - 1);
            List<ConsumerRecord<String, String>> last = new ArrayList<>();
            for (int round = 0; last.isEmpty() && round < 200; round++) {
                reader.poll(Duration.ofMillis(50)).forEach(last::add);
            }
            require(last.size() == 1 && last.get(0).offset() == end - 1, "the last record");
            Map<TopicPartition, Long> wanted = new HashMap<>();
            wanted.put(first, last.get(0).timestamp());
            OffsetAndTimestamp found = reader.offsetsForTimes(wanted).get(first);
            require(found != null && found.timestamp() >= last.get(0).timestamp(), "by time");
            wanted.put(first, 4_000_000_000_000L);
            require(reader.offsetsForTimes(wanted).get(first) == null, "nothing that late");
        }
    }

    private void administer(Admin admin) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(
            new ConfigEntry("segment.bytes", "2097152"), AlterConfigOp.OpType.SET)))).all().get();
        for (int round = 0; ; round++) {
            ConfigEntry entry = admin.describeConfigs(List.of(resource)).all().get().get(resource)
                .get("segment.bytes");
            if (entry.value().equals("2097152")) {
                require(entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, "source");
                break;
            }
            require(round < 200, "altered config");
            Thread.sleep(20);
        }
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all().get();
        TopicPartition first = new TopicPartition(topic, 0);
        long end = admin.listOffsets(Map.of(first, OffsetSpec.latest())).partitionResult(first)
            .get().offset();
        require(admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(end)))
            .lowWatermarks().get(first).get().lowWatermark() == end, "low watermark");
        require(admin.listOffsets(Map.of(first, OffsetSpec.earliest())).partitionResult(first)
            .get().offset() == end, "earliest after deletion");
        require(admin.describeLogDirs(List.of(1, 2, 3)).allDescriptions().get().size() == 3,
            "log directories of three brokers");
        admin.deleteTopics(List.of(topic)).all().get();
        for (int round = 0; admin.listTopics().names().get().contains(topic); round++) {
            require(round < 200, "deleted");
            Thread.sleep(20);
        }
    }

    public static void main(String[] args) throws Exception {
        InteropClient client = new InteropClient(args[0], args[1]);
        try (Admin admin = Admin.create(client.properties())) {
            client.createTopic(admin);
            Map<String, String> acked = client.produce();
            client.consumeInTwos(admin, acked, "range", "RangeAssignor", false);
            client.consumeInTwos(admin, acked, "sticky", "CooperativeStickyAssignor", false);
            client.consumeInTwos(admin, acked, "static", "RangeAssignor", true);
            client.seeks();
            client.administer(admin);
        }
        System.out.println("ok " + org.apache.kafka.common.utils.AppInfoParser.getVersion());
    }
}
