// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/visitors.h"
#include "engine/protocol/records/consumer_protocol_assignment.h"
#include "engine/protocol/records/consumer_protocol_subscription.h"
#include "engine/protocol/records/default_principal_data.h"
#include "engine/protocol/records/k_raft_version_record.h"
#include "engine/protocol/records/leader_change_message.h"
#include "engine/protocol/records/snapshot_footer_record.h"
#include "engine/protocol/records/snapshot_header_record.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(ConsumerProtocolAssignment)
ODRADEK_INSTANTIATE(ConsumerProtocolSubscription)
ODRADEK_INSTANTIATE(DefaultPrincipalData)
ODRADEK_INSTANTIATE(KRaftVersionRecord)
ODRADEK_INSTANTIATE(LeaderChangeMessage)
ODRADEK_INSTANTIATE(SnapshotFooterRecord)
ODRADEK_INSTANTIATE(SnapshotHeaderRecord)

}  // namespace odradek::protocol
