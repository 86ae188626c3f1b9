// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/visitors.h"
#include "engine/protocol/records/topic_record.h"
#include "engine/protocol/records/unfence_broker_record.h"
#include "engine/protocol/records/unregister_broker_record.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(TopicRecord)
ODRADEK_INSTANTIATE(UnfenceBrokerRecord)
ODRADEK_INSTANTIATE(UnregisterBrokerRecord)

}  // namespace odradek::protocol
