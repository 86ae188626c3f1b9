// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/visitors.h"
#include "engine/protocol/records/no_op_record.h"
#include "engine/protocol/records/partition_change_record.h"
#include "engine/protocol/records/partition_record.h"
#include "engine/protocol/records/producer_ids_record.h"
#include "engine/protocol/records/register_broker_record.h"
#include "engine/protocol/records/register_controller_record.h"
#include "engine/protocol/records/remove_topic_record.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(NoOpRecord)
ODRADEK_INSTANTIATE(PartitionChangeRecord)
ODRADEK_INSTANTIATE(PartitionRecord)
ODRADEK_INSTANTIATE(ProducerIdsRecord)
ODRADEK_INSTANTIATE(RegisterBrokerRecord)
ODRADEK_INSTANTIATE(RegisterControllerRecord)
ODRADEK_INSTANTIATE(RemoveTopicRecord)

}  // namespace odradek::protocol
