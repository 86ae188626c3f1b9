// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/visitors.h"
#include "engine/protocol/records/abort_transaction_record.h"
#include "engine/protocol/records/begin_transaction_record.h"
#include "engine/protocol/records/broker_registration_change_record.h"
#include "engine/protocol/records/config_record.h"
#include "engine/protocol/records/end_transaction_record.h"
#include "engine/protocol/records/feature_level_record.h"
#include "engine/protocol/records/fence_broker_record.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(AbortTransactionRecord)
ODRADEK_INSTANTIATE(BeginTransactionRecord)
ODRADEK_INSTANTIATE(BrokerRegistrationChangeRecord)
ODRADEK_INSTANTIATE(ConfigRecord)
ODRADEK_INSTANTIATE(EndTransactionRecord)
ODRADEK_INSTANTIATE(FeatureLevelRecord)
ODRADEK_INSTANTIATE(FenceBrokerRecord)

}  // namespace odradek::protocol
