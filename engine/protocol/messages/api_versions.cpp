// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/api_versions.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(ApiVersionsRequest)
ODRADEK_INSTANTIATE(ApiVersionsResponse)

}  // namespace odradek::protocol
