// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/messages/describe_topic_partitions.h"

#include "engine/protocol/codec/visitors.h"

namespace odradek::protocol {

ODRADEK_INSTANTIATE(DescribeTopicPartitionsRequest)
ODRADEK_INSTANTIATE(DescribeTopicPartitionsResponse)

}  // namespace odradek::protocol
