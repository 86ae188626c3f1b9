// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/visitors.h"
#include "engine/protocol/records/voters_record.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(VotersRecord)

}  // namespace odradek::protocol
