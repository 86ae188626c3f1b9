// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/visitors.h"
#include "engine/protocol/records/group_metadata_key.h"
#include "engine/protocol/records/group_metadata_value.h"
#include "engine/protocol/records/offset_commit_key.h"
#include "engine/protocol/records/offset_commit_value.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(GroupMetadataKey)
ODRADEK_INSTANTIATE(GroupMetadataValue)
ODRADEK_INSTANTIATE(OffsetCommitKey)
ODRADEK_INSTANTIATE(OffsetCommitValue)

}  // namespace odradek::protocol
