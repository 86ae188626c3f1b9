// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/protocol/codec/describe.h"

#include <algorithm>

#include "engine/protocol/messages/all.h"
#include "engine/protocol/records/all.h"

namespace odradek::protocol {

std::span<const ApiMessages> supportedApis() {
#define ODRADEK_API(Name)                                                         \
    ApiMessages{Name##Request::kInfo.key,        #Name,                           \
                Name##Request::kInfo.minVersion, Name##Request::kInfo.maxVersion, \
                messageType<Name##Request>(),    messageType<Name##Response>()},
    static const std::vector<ApiMessages> kApis{ODRADEK_APIS(ODRADEK_API)};
#undef ODRADEK_API
    return kApis;
}

const ApiMessages* findApi(std::int16_t key) {
    const auto apis = supportedApis();
    const auto found = std::ranges::lower_bound(apis, key, {}, &ApiMessages::key);
    return found != apis.end() && found->key == key ? &*found : nullptr;
}

std::span<const MessageType> recordTypes() {
#define ODRADEK_RECORD(Name) messageType<Name>(),
    static const std::vector<MessageType> kTypes{ODRADEK_RECORDS(ODRADEK_RECORD)};
#undef ODRADEK_RECORD
    return kTypes;
}

}  // namespace odradek::protocol
