// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/fetch.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(FetchRequest)
ODRADEK_INSTANTIATE(FetchResponse)

}  // namespace odradek::protocol
