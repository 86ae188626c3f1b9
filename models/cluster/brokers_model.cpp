// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cluster/brokers_model.h"

#include <QCoreApplication>

#include "models/common/text.h"

namespace odradek::models {
namespace {

/// The words of this file, in their own translation context.
struct BrokersWords {
    Q_DECLARE_TR_FUNCTIONS(Brokers)
};

QString stateWord(api::BrokerState state) {
    switch (state) {
        case api::BrokerState::Online:
            return BrokersWords::tr("Online");
        case api::BrokerState::Fenced:
            return BrokersWords::tr("Fenced");
        case api::BrokerState::Stopping:
            return BrokersWords::tr("Stopping");
        case api::BrokerState::Offline:
            return BrokersWords::tr("Down");
    }
    return {};
}

int stateHealth(api::BrokerState state) {
    switch (state) {
        case api::BrokerState::Online:
            return static_cast<int>(Health::Ok);
        case api::BrokerState::Fenced:
            return static_cast<int>(Health::Warning);
        case api::BrokerState::Stopping:
            return static_cast<int>(Health::Info);
        case api::BrokerState::Offline:
            return static_cast<int>(Health::Offline);
    }
    return 0;
}

QVariant micros(std::int64_t us) {
    return us < 1000 ? BrokersWords::tr("%1 µs").arg(us)
                     : BrokersWords::tr("%1 ms").arg(decimal(static_cast<double>(us) / 1000.0));
}

QVariant orDash(bool known, const QString& text) {
    return known ? QVariant(text) : QVariant(QStringLiteral("–"));
}

template <class T>
QVariant sortable(const std::optional<T>& value) {
    return value ? QVariant(static_cast<qlonglong>(*value)) : QVariant(-1);
}

}  // namespace

bool BrokerRow::operator==(const BrokerRow& o) const {
    return broker == o.broker && load.leaders == o.load.leaders &&
           load.replicas == o.load.replicas && load.outOfSync == o.load.outOfSync &&
           requestsPerSecond == o.requestsPerSecond && trend == o.trend;
}

BrokersModel::BrokersModel(QObject* parent)
    : RowModel<BrokerRow>(
          {
              {BrokersWords::tr("Broker"),
               [](const BrokerRow& r) {
                   return r.broker.isController
                              ? BrokersWords::tr("%1 (controller)").arg(r.broker.id)
                              : QString::number(r.broker.id);
               },
               [](const BrokerRow& r) { return r.broker.id; },
               {},
               {}},
              {BrokersWords::tr("State"),
               [](const BrokerRow& r) { return stateWord(r.broker.state); },
               [](const BrokerRow& r) { return static_cast<int>(r.broker.state); },
               {},
               {{kStatusRole, [](const BrokerRow& r) { return stateHealth(r.broker.state); }}}},
              {BrokersWords::tr("Endpoint"),
               [](const BrokerRow& r) {
                   return r.broker.host.empty()
                              ? QStringLiteral("–")
                              : QStringLiteral("%1:%2").arg(qs(r.broker.host)).arg(r.broker.port);
               },
               {},
               {},
               {}},
              {BrokersWords::tr("Rack"),
               [](const BrokerRow& r) { return qs(r.broker.rack); },
               {},
               {},
               {}},
              {BrokersWords::tr("Leaders"),
               [](const BrokerRow& r) { return number(r.load.leaders); },
               [](const BrokerRow& r) { return r.load.leaders; },
               {},
               {}},
              {BrokersWords::tr("Replicas"),
               [](const BrokerRow& r) { return number(r.load.replicas); },
               [](const BrokerRow& r) { return r.load.replicas; },
               {},
               {}},
              {BrokersWords::tr("Out of sync"),
               [](const BrokerRow& r) {
                   return r.load.outOfSync ? QVariant(number(r.load.outOfSync))
                                           : QVariant(QString());
               },
               [](const BrokerRow& r) { return r.load.outOfSync; },
               {},
               {}},
              {BrokersWords::tr("Connections"),
               [](const BrokerRow& r) {
                   return orDash(r.broker.connections.has_value(),
                                 r.broker.connections
                                     ? number(static_cast<qint64>(r.broker.connections->size()))
                                     : QString());
               },
               [](const BrokerRow& r) {
                   return r.broker.connections
                              ? static_cast<qlonglong>(r.broker.connections->size())
                              : -1;
               },
               {},
               {}},
              {BrokersWords::tr("Requests/s"),
               [](const BrokerRow& r) {
                   return orDash(r.requestsPerSecond >= 0, decimal(r.requestsPerSecond));
               },
               [](const BrokerRow& r) { return r.requestsPerSecond; },
               {},
               {}},
              {BrokersWords::tr("Logs"),
               [](const BrokerRow& r) {
                   return orDash(r.broker.logBytes.has_value(),
                                 bytes(r.broker.logBytes.value_or(0)));
               },
               [](const BrokerRow& r) { return sortable(r.broker.logBytes); },
               [](const BrokerRow& r) {
                   return BrokersWords::tr("%1 bytes").arg(number(r.broker.logBytes.value_or(0)));
               },
               {}},
              {BrokersWords::tr("Disk free"),
               [](const BrokerRow& r) {
                   return orDash(r.broker.diskUsable.has_value(),
                                 bytes(r.broker.diskUsable.value_or(0)));
               },
               [](const BrokerRow& r) { return sortable(r.broker.diskUsable); },
               [](const BrokerRow& r) {
                   return BrokersWords::tr("%1 bytes").arg(number(r.broker.diskUsable.value_or(0)));
               },
               {}},
              {BrokersWords::tr("Requests, 1 min"),
               [](const BrokerRow&) { return QVariant(); },
               [](const BrokerRow& r) { return r.requestsPerSecond; },
               {},
               {{kSparklineRole, [](const BrokerRow& r) { return QVariant::fromValue(r.trend); }}}},
          },
          [](const BrokerRow& r) { return QString::number(r.broker.id); },
          [](const BrokerRow& a, const BrokerRow& b) { return a.broker.id < b.broker.id; },
          parent) {}

void BrokersModel::update(const api::ClusterSnapshot& snapshot, const SeriesStore& series) {
    std::vector<BrokerRow> rows;
    for (const auto& broker : snapshot.brokers) {
        const auto name = QStringLiteral("broker.%1.requests").arg(broker.id);
        rows.push_back({broker, loadOf(snapshot, broker.id),
                        series.find(name) ? series.last(name) : -1, series.tail(name)});
    }
    setRows(std::move(rows));
}

ApisModel::ApisModel(QObject* parent)
    : RowModel<ApiRow>(
          {
              {BrokersWords::tr("API"),
               [](const ApiRow& r) { return qs(r.counter.name); },
               {},
               {},
               {}},
              {BrokersWords::tr("Requests/s"),
               [](const ApiRow& r) { return decimal(r.perSecond); },
               [](const ApiRow& r) { return r.perSecond; },
               {},
               {}},
              {BrokersWords::tr("Total"),
               [](const ApiRow& r) { return number(static_cast<qint64>(r.counter.requests)); },
               [](const ApiRow& r) { return static_cast<qulonglong>(r.counter.requests); },
               {},
               {}},
              {BrokersWords::tr("p50"),
               [](const ApiRow& r) { return micros(r.counter.p50Us); },
               [](const ApiRow& r) { return static_cast<qlonglong>(r.counter.p50Us); },
               {},
               {}},
              {BrokersWords::tr("p99"),
               [](const ApiRow& r) { return micros(r.counter.p99Us); },
               [](const ApiRow& r) { return static_cast<qlonglong>(r.counter.p99Us); },
               {},
               {}},
              {BrokersWords::tr("Slowest"),
               [](const ApiRow& r) { return micros(r.counter.maxUs); },
               [](const ApiRow& r) { return static_cast<qlonglong>(r.counter.maxUs); },
               {},
               {}},
              {BrokersWords::tr("Errors"),
               [](const ApiRow& r) {
                   return r.counter.errors ? QVariant(number(static_cast<qint64>(r.counter.errors)))
                                           : QVariant(QString());
               },
               [](const ApiRow& r) { return static_cast<qulonglong>(r.counter.errors); },
               {},
               {}},
              {BrokersWords::tr("1 min"),
               [](const ApiRow&) { return QVariant(); },
               [](const ApiRow& r) { return r.perSecond; },
               {},
               {{kSparklineRole, [](const ApiRow& r) { return QVariant::fromValue(r.trend); }}}},
          },
          [](const ApiRow& r) { return qs(r.counter.name); },
          [](const ApiRow& a, const ApiRow& b) { return a.counter.apiKey < b.counter.apiKey; },
          parent) {}

void ApisModel::update(const api::Broker& broker, const SeriesStore& series) {
    std::vector<ApiRow> rows;
    if (broker.apis)
        for (const auto& api : *broker.apis) {
            const auto name = QStringLiteral("broker.%1.api.%2").arg(broker.id).arg(qs(api.name));
            rows.push_back({api, series.last(name), series.tail(name)});
        }
    setRows(std::move(rows));
}

BrokerTopicsModel::BrokerTopicsModel(QObject* parent)
    : RowModel<BrokerTopicRow>(
          {
              {BrokersWords::tr("Topic"), [](const BrokerTopicRow& r) { return r.topic; }, {}, {}, {}},
              {BrokersWords::tr("Leads"),
               [](const BrokerTopicRow& r) { return number(r.leaders); },
               [](const BrokerTopicRow& r) { return r.leaders; },
               {},
               {}},
              {BrokersWords::tr("Holds"),
               [](const BrokerTopicRow& r) { return number(r.replicas); },
               [](const BrokerTopicRow& r) { return r.replicas; },
               {},
               {}},
              {BrokersWords::tr("Out of sync"),
               [](const BrokerTopicRow& r) { return r.outOfSync ? number(r.outOfSync) : QString(); },
               [](const BrokerTopicRow& r) { return r.outOfSync; },
               {},
               {}},
              {BrokersWords::tr("Size"),
               [](const BrokerTopicRow& r) { return r.bytes < 0 ? QStringLiteral("–") : bytes(r.bytes); },
               [](const BrokerTopicRow& r) { return static_cast<qlonglong>(r.bytes); },
               [](const BrokerTopicRow& r) {
                   return r.bytes < 0 ? QString() : BrokersWords::tr("%1 bytes").arg(number(r.bytes));
               },
               {}},
          },
          [](const BrokerTopicRow& r) { return r.topic; },
          [](const BrokerTopicRow& a, const BrokerTopicRow& b) { return a.topic < b.topic; }, parent) {}

void BrokerTopicsModel::update(const api::ClusterSnapshot& snapshot, std::int32_t broker) {
    std::vector<BrokerTopicRow> rows;
    for (const auto& topic : snapshot.topics) {
        BrokerTopicRow row;
        row.topic = qs(topic.name);
        for (const auto& partition : topic.partitions)
            for (const auto& replica : partition.replicas) {
                if (replica.broker != broker)
                    continue;
                ++row.replicas;
                row.leaders += partition.leader == broker;
                row.outOfSync += !replica.inSync;
                const auto size = replica.bytes ? replica.bytes : partition.bytes;
                if (size)
                    row.bytes = std::max<std::int64_t>(0, row.bytes) + *size;
            }
        if (row.replicas > 0)
            rows.push_back(std::move(row));
    }
    setRows(std::move(rows));
}

ConnectionsModel::ConnectionsModel(QObject* parent)
    : RowModel<api::ConnectionInfo>(
          {
              {BrokersWords::tr("Client id"),
               [](const auto& c) { return qs(c.clientId); },
               {},
               {},
               {}},
              {BrokersWords::tr("Software"),
               [](const auto& c) { return qs(c.software); },
               {},
               {},
               {}},
              {BrokersWords::tr("Host"), [](const auto& c) { return qs(c.host); }, {}, {}, {}},
              {BrokersWords::tr("Since"),
               [](const auto& c) { return clockTime(c.since); },
               [](const auto& c) { return static_cast<qlonglong>(c.since); },
               [](const auto& c) { return dateTime(c.since); },
               {}},
              {BrokersWords::tr("Requests"),
               [](const auto& c) { return number(static_cast<qint64>(c.requests)); },
               [](const auto& c) { return static_cast<qulonglong>(c.requests); },
               {},
               {}},
              {BrokersWords::tr("In"),
               [](const auto& c) { return bytes(static_cast<qint64>(c.bytesIn)); },
               [](const auto& c) { return static_cast<qulonglong>(c.bytesIn); },
               [](const auto& c) {
                   return BrokersWords::tr("%1 bytes").arg(number(static_cast<qint64>(c.bytesIn)));
               },
               {}},
              {BrokersWords::tr("Out"),
               [](const auto& c) { return bytes(static_cast<qint64>(c.bytesOut)); },
               [](const auto& c) { return static_cast<qulonglong>(c.bytesOut); },
               [](const auto& c) {
                   return BrokersWords::tr("%1 bytes").arg(number(static_cast<qint64>(c.bytesOut)));
               },
               {}},
          },
          [](const auto& c) { return QString::number(c.id); },
          [](const auto& a, const auto& b) { return a.id < b.id; }, parent) {}

void ConnectionsModel::update(const api::Broker& broker) {
    setRows(broker.connections.value_or(std::vector<api::ConnectionInfo>()));
}

QString sourceWords(const std::string& source) {
    if (source == "DYNAMIC_TOPIC_CONFIG")
        return BrokersWords::tr("set on the topic");
    if (source == "DYNAMIC_BROKER_CONFIG")
        return BrokersWords::tr("set on the broker");
    if (source == "DYNAMIC_DEFAULT_BROKER_CONFIG")
        return BrokersWords::tr("set for all brokers");
    if (source == "STATIC_BROKER_CONFIG")
        return BrokersWords::tr("broker's start-up settings");
    if (source == "DEFAULT_CONFIG")
        return BrokersWords::tr("default");
    return qs(source);
}

ConfigsModel::ConfigsModel(QObject* parent)
    : RowModel<api::ConfigValue>(
          {
              {BrokersWords::tr("Name"), [](const auto& c) { return qs(c.name); }, {}, {}, {}},
              {BrokersWords::tr("Value"),
               [](const auto& c) {
                   return c.sensitive ? BrokersWords::tr("hidden")
                          : c.value   ? qs(*c.value)
                                      : QStringLiteral("–");
               },
               {},
               [](const auto& c) {
                   QString text = c.value ? qs(*c.value) : QString();
                   for (const auto& s : c.synonyms)
                       text += QStringLiteral("\n%1 = %2 (%3)")
                                   .arg(qs(s.name), s.value ? qs(*s.value) : QString(),
                                        sourceWords(s.source));
                   return text;
               },
               {{kEmphasisRole, [](const auto& c) { return c.source != "DEFAULT_CONFIG"; }}}},
              {BrokersWords::tr("Source"),
               [](const auto& c) { return sourceWords(c.source); },
               {},
               [](const auto& c) { return qs(c.source); },
               {}},
              {BrokersWords::tr("Type"),
               [](const auto& c) { return qs(c.type).toLower(); },
               {},
               {},
               {}},
              {BrokersWords::tr("Change"),
               [](const auto& c) {
                   return c.readOnly ? BrokersWords::tr("read-only") : BrokersWords::tr("editable");
               },
               {},
               {},
               {}},
          },
          [](const auto& c) { return qs(c.name); },
          [](const auto& a, const auto& b) { return a.name < b.name; }, parent) {}

}  // namespace odradek::models
