// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/api/commands.h"
#include "engine/api/snapshot.h"
#include "models/cluster/lookup.h"
#include "models/common/row_model.h"
#include "models/series/series_store.h"

namespace odradek::models {

/// A broker with what the table shows beside the snapshot.
struct BrokerRow {
    api::Broker broker;
    BrokerLoad load;
    double requestsPerSecond = -1;  ///< -1 = not known
    QVector<double> trend;          ///< requests/s, newest last
    bool operator==(const BrokerRow& o) const;
};

/// All brokers. Columns as in BrokersModel::Column.
class BrokersModel : public RowModel<BrokerRow> {
public:
    enum Column {
        Id,
        State,
        Endpoint,
        Rack,
        Leaders,
        Replicas,
        OutOfSync,
        Connections,
        Requests,
        Disk,
        Free,
        Trend
    };
    explicit BrokersModel(QObject* parent = nullptr);
    void update(const api::ClusterSnapshot& snapshot, const SeriesStore& series);
};

/// Requests of one broker by API.
struct ApiRow {
    api::ApiCounter counter;
    double perSecond = 0;
    QVector<double> trend;
    bool operator==(const ApiRow&) const = default;
};
class ApisModel : public RowModel<ApiRow> {
public:
    enum Column { Api, PerSecond, Total, P50, P99, Max, Errors, Trend };
    explicit ApisModel(QObject* parent = nullptr);
    void update(const api::Broker& broker, const SeriesStore& series);
};

/// What one broker holds of each topic.
struct BrokerTopicRow {
    QString topic;
    int leaders = 0;
    int replicas = 0;
    int outOfSync = 0;
    std::int64_t bytes = -1;  ///< -1 = not known
    bool operator==(const BrokerTopicRow&) const = default;
};
class BrokerTopicsModel : public RowModel<BrokerTopicRow> {
public:
    enum Column { Topic, Leaders, Replicas, OutOfSync, Bytes };
    explicit BrokerTopicsModel(QObject* parent = nullptr);
    void update(const api::ClusterSnapshot& snapshot, std::int32_t broker);
};

/// Connections of one broker.
class ConnectionsModel : public RowModel<api::ConnectionInfo> {
public:
    enum Column { Client, Software, Host, Since, Requests, BytesIn, BytesOut };
    explicit ConnectionsModel(QObject* parent = nullptr);
    void update(const api::Broker& broker);
};

/// Configs of a topic or broker, with where each value comes from.
class ConfigsModel : public RowModel<api::ConfigValue> {
public:
    enum Column { Name, Value, Source, Type, Editable };
    explicit ConfigsModel(QObject* parent = nullptr);
};

/// Kafka's config source as words: "set on the topic", "default".
QString sourceWords(const std::string& source);

}  // namespace odradek::models
