// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/incremental_alter_configs.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(IncrementalAlterConfigsRequest)
ODRADEK_INSTANTIATE(IncrementalAlterConfigsResponse)

}  // namespace odradek::protocol
