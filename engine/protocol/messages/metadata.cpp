// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/metadata.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(MetadataRequest)
ODRADEK_INSTANTIATE(MetadataResponse)

}  // namespace odradek::protocol
