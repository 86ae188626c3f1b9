// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/brokers/broker_changes.h"

#include <QCoreApplication>

#include "models/cluster/lookup.h"
#include "models/common/text.h"

namespace odradek::ui {
namespace {

/// The words of this file, in their own translation context.
struct BrokerChangeWords {
    Q_DECLARE_TR_FUNCTIONS(BrokerChanges)
};
using W = BrokerChangeWords;

bool isUp(const api::ClusterSnapshot& snapshot, std::int32_t id) {
    const auto* broker = models::findBroker(snapshot, id);
    return broker && broker->state == api::BrokerState::Online;
}

}  // namespace

QString brokerStateWord(api::BrokerState state) {
    switch (state) {
        case api::BrokerState::Online:
            return W::tr("Online");
        case api::BrokerState::Fenced:
            return W::tr("Fenced");
        case api::BrokerState::Stopping:
            return W::tr("Stopping");
        case api::BrokerState::Offline:
            return W::tr("Down");
    }
    return {};
}

KillEffect killEffect(const api::ClusterSnapshot& snapshot, std::int32_t broker) {
    KillEffect effect;
    for (const auto& topic : snapshot.topics)
        for (const auto& partition : topic.partitions) {
            bool here = false;
            int others = 0;
            for (const auto& replica : partition.replicas) {
                if (!replica.inSync)
                    continue;
                if (replica.broker == broker)
                    here = true;
                else
                    others += replica.online && isUp(snapshot, replica.broker);
            }
            const bool leads = partition.leader == broker;
            effect.leaders += leads && others > 0;
            effect.goOffline += leads && others == 0;
            effect.underMinInsync += here && others > 0 && others < topic.minInsync;
        }
    return effect;
}

models::Change changeKillBroker(const api::ClusterSnapshot& snapshot, std::int32_t id) {
    models::Change change;
    const auto* broker = models::findBroker(snapshot, id);
    const auto effect = killEffect(snapshot, id);
    const auto name = W::tr("Broker %1").arg(id);
    change.title = W::tr("Kill broker %1").arg(id);
    change.verb = W::tr("Kill broker %1").arg(id);
    change.items.push_back(
        {name, broker ? brokerStateWord(broker->state) : W::tr("not there"), W::tr("Down")});
    if (effect.leaders > 0)
        change.items.push_back(
            {W::tr("Partitions it leads"), models::number(effect.leaders + effect.goOffline),
             W::tr("%1 move to another in-sync replica").arg(models::number(effect.leaders))});
    if (effect.goOffline > 0)
        change.items.push_back({W::tr("Partitions only it can lead"),
                                models::number(effect.goOffline),
                                W::tr("offline until it is back")});
    if (effect.underMinInsync > 0)
        change.items.push_back({W::tr("Partitions under min.insync.replicas afterwards"),
                                models::number(effect.underMinInsync),
                                W::tr("refuse writes with acks=all")});
    QStringList words{W::tr(
        "The broker stops at once, as with kill -9: no controlled shutdown, connections break.")};
    if (snapshot.controller == id)
        words << W::tr(
            "It is the metadata leader: until it is back nothing can be created, elected or "
            "changed.");
    words << (effect.goOffline > 0
                  ? W::tr("What only it holds cannot be read or written until it is back.")
                  : W::tr("What was acknowledged with acks=all stays readable."));
    change.effect = words.join(QLatin1Char(' '));
    change.commandLine = QStringLiteral("odradekd ctl SOCKET kill %1").arg(id);
    change.dangerous = true;
    if (!broker)
        change.problems << W::tr("There is no broker %1.").arg(id);
    else if (broker->state == api::BrokerState::Offline)
        change.problems << W::tr("Broker %1 is down already.").arg(id);
    change.command = api::KillBroker{id};
    return change;
}

models::Change changeRestartBroker(const api::ClusterSnapshot& snapshot, std::int32_t id) {
    models::Change change;
    const auto* broker = models::findBroker(snapshot, id);
    const bool up = broker && broker->state != api::BrokerState::Offline;
    change.title = W::tr("Restart broker %1").arg(id);
    change.verb = W::tr("Restart broker %1").arg(id);
    change.items.push_back({W::tr("Broker %1").arg(id),
                            broker ? brokerStateWord(broker->state) : W::tr("not there"),
                            W::tr("Online, with a new epoch")});
    const auto load = models::loadOf(snapshot, id);
    if (load.replicas > 0)
        change.items.push_back({W::tr("Replicas out of sync"), models::number(load.outOfSync),
                                W::tr("0, once they have caught up")});
    change.effect =
        up ? W::tr(
                 "The broker goes down and comes up from its log directory. Its leaders move away "
                 "meanwhile; its replicas rejoin the in-sync sets when they have caught up.")
           : W::tr(
                 "The broker starts from its log directory, repairs what was not closed, fetches "
                 "what it "
                 "missed and rejoins the in-sync sets.");
    change.commandLine = QStringLiteral("odradekd ctl SOCKET restart %1").arg(id);
    if (!broker)
        change.problems << W::tr("There is no broker %1.").arg(id);
    change.command = api::RestartBroker{id};
    return change;
}

}  // namespace odradek::ui
