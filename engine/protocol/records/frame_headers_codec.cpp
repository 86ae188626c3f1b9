// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/visitors.h"
#include "engine/protocol/records/request_header.h"
#include "engine/protocol/records/response_header.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(RequestHeader)
ODRADEK_INSTANTIATE(ResponseHeader)

}  // namespace odradek::protocol
