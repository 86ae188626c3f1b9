// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/update_features.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(UpdateFeaturesRequest)
ODRADEK_INSTANTIATE(UpdateFeaturesResponse)

}  // namespace odradek::protocol
