// SPDX-License-Identifier: GPL-3.0-or-later
// Prints what Apache Kafka itself knows about its broker and topic configurations, as JSON:
// type, default, valid values, where it can be changed, and synonyms. Run by record_configs.py.

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;

public class ConfigFacts {
    private static Map<String, Object> describe(ConfigDef.ConfigKey key) {
        Map<String, Object> facts = new TreeMap<>();
        facts.put("type", key.type.name());
        facts.put("default", !key.hasDefault() || key.defaultValue == null
            ? null : ConfigDef.convertToString(key.defaultValue, key.type));
        if (key.validator != null) {
            facts.put("valid", key.validator.toString());
        }
        facts.put("sensitive", key.type == ConfigDef.Type.PASSWORD);
        return facts;
    }

    public static void main(String[] args) throws Exception {
        Map<String, Object> topics = new TreeMap<>();
        for (String name : LogConfig.nonInternalConfigNames()) {
            Map<String, Object> facts = describe(LogConfig.configKeys().get(name));
            List<String> synonyms = new ArrayList<>();
            List<ConfigSynonym> known =
                ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.getOrDefault(name, List.of());
            for (ConfigSynonym synonym : known) {
                synonyms.add(synonym.name());
            }
            facts.put("synonyms", synonyms);
            topics.put(name, facts);
        }
        Map<String, Object> brokers = new TreeMap<>();
        Map<String, String> modes = DynamicBrokerConfig.dynamicConfigUpdateModes();
        ConfigDef definition = kafka.server.KafkaConfig.configDef();
        for (ConfigDef.ConfigKey key : definition.configKeys().values()) {
            Map<String, Object> facts = describe(key);
            facts.put("update", modes.getOrDefault(key.name, "read-only"));
            facts.put("internal", key.internalConfig);
            facts.put("synonyms", DynamicBrokerConfig.brokerConfigSynonyms(key.name, false));
            brokers.put(key.name, facts);
        }
        System.out.println(new ObjectMapper().writerWithDefaultPrettyPrinter()
            .writeValueAsString(Map.of("topic", topics, "broker", brokers)));
    }
}
