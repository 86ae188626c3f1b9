// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/delete_records.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(DeleteRecordsRequest)
ODRADEK_INSTANTIATE(DeleteRecordsResponse)

}  // namespace odradek::protocol
